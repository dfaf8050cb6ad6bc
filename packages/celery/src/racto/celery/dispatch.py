"""Tasks on an app: registered under a worker's name, and sent one by one or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4, uuid5

from celery.result import AsyncResult, GroupResult  # type: ignore[import-untyped]

from racto.core.errors import RactoGatewayError

from .addresses import broker_of
from .backends import check_reachable, forget_failure
from .failures import translated
from .payloads import Payload
from .settings import Delivery, check_app
from .tasks import Kind, RactoTask, Workshop

_IDS = UUID("8f0b2f62-6ad1-4a5e-9d0a-2f2a6c1f8b57")
"""Namespace of the task ids that are made from idempotency keys."""


class Dispatcher:
    """Registers the tasks of one worker, and sends them.

    Args:
        app: The Celery app.
        name: Name of the worker, with which the tasks' names begin.
        workshop: What the tasks work with.
        label: Label of the kit, sent along where the name alone could be mistaken.
        track_started: Whether running tasks show as started.
    """

    def __init__(
        self, app: Any, name: str, *, workshop: Workshop, label: str, track_started: bool
    ) -> None:
        self._app, self._workshop, self._label = app, workshop, label
        self._tasks: dict[Kind, Any] = {
            kind: _registered(app, name, kind, workshop, track_started)
            for kind in ("generate", "ingest")
        }

    def task_id(self, kind: Kind, idempotency_key: str | None) -> str:
        """The id of a task: of the key, when there is one, otherwise new."""
        if idempotency_key is None:
            return str(uuid4())
        return str(uuid5(_IDS, f"{self._tasks[kind].name}\0{idempotency_key}"))

    def send(self, kind: Kind, payload: Payload, delivery: Delivery) -> AsyncResult:
        """Send one task.

        Raises:
            ConfigurationError: If the app has become unsafe, or the payload is too large.
            APIConnectionError: If the broker cannot be reached, or a result back end that Celery
                needs to send; nothing was sent.
        """
        # Settings can change after the worker was made.
        check_app(self._app)
        task, text = self._tasks[kind], self._packed(payload)
        task_id = self.task_id(kind, delivery.idempotency_key)
        headers = self._headers(kind, task_id)
        what = f"sending {task.name}"
        check_reachable(self._app, what)
        if delivery.idempotency_key is not None:
            forget_failure(self._app, task_id)
        with translated(what, service="broker", at=partial(broker_of, self._app)):
            return task.apply_async((text,), task_id=task_id, headers=headers, **delivery.options())

    def send_all(self, payloads: Sequence[Payload], delivery: Delivery) -> GroupResult:
        """Send generation tasks through one connection, as a group.

        An idempotency key counts for the whole: each task's own ends with its number.

        Raises:
            ConfigurationError: As :meth:`send` does; nothing is sent then.
            APIConnectionError: If the broker cannot be reached; ``partial`` is the group result of
                what was sent before.
        """
        check_app(self._app)
        texts = [self._packed(payload) for payload in payloads]
        task, group_id = self._tasks["generate"], str(uuid4())
        sent: list[AsyncResult] = []
        options = delivery.options()
        what, key = f"sending {task.name}", delivery.idempotency_key
        try:
            check_reachable(self._app, what)
            with (
                translated(what, service="broker", at=partial(broker_of, self._app)),
                self._app.producer_or_acquire() as producer,
            ):
                for at, text in enumerate(texts):
                    task_id = self.task_id("generate", None if key is None else f"{key}:{at}")
                    if key is not None:
                        forget_failure(self._app, task_id)
                    # Celery's own group copies each signature several times before it sends.
                    made = task.apply_async(
                        (text,),
                        task_id=task_id,
                        headers=self._headers("generate", task_id),
                        group_id=group_id,
                        group_index=at,
                        producer=producer,
                        **options,
                    )
                    sent.append(made)
        except RactoGatewayError as error:
            # What was sent will run; whoever sends all again pays for it twice.
            error.partial = self._app.GroupResult(group_id, sent)
            error.add_note(f"{len(sent)} of {len(texts)} items were sent")
            raise
        return self._app.GroupResult(group_id, sent)

    def _packed(self, payload: Payload) -> str:
        if self._label:
            payload = payload.model_copy(update={"kit": self._label})
        return payload.packed(self._workshop.limits.payload_bytes)

    def _headers(self, kind: Kind, task_id: str) -> dict[str, str] | None:
        headers: dict[str, str] = {}
        for layer in self._workshop.layers:
            headers.update(layer.outgoing(kind, task_id))
        return headers or None


def _registered(app: Any, name: str, kind: Kind, workshop: Workshop, track_started: bool) -> Any:
    facts = {
        "name": f"{name}.{kind}",
        "kind": kind,
        "workshop": workshop,
        "retry_config": workshop.retry,
        "track_started": track_started,
        "soft_time_limit": workshop.limits.soft_time_s,
        "time_limit": workshop.limits.hard_time_s,
        "__module__": __name__,
    }
    # A worker that is made a second time takes its own place, without Celery's warning.
    app.tasks.pop(facts["name"], None)
    return app.register_task(type(f"{kind.title()}Task", (RactoTask,), facts)())
