"""Generation and ingestion on a Celery app: send, look, wait, cancel, and the tasks themselves."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from celery.result import AsyncResult, GroupResult  # type: ignore[import-untyped]

from racto.core.errors import ConfigurationError
from racto.core.files import RactoFile
from racto.core.flows import arun, run, threaded
from racto.core.prompts import RactoPrompt
from racto.core.records import plain
from racto.core.tools import ToolRegistry

from .addresses import broker_of
from .dispatch import Dispatcher
from .factories import ProcessLocal
from .failures import translated
from .names import claimed
from .payloads import IngestPayload
from .processes import attended
from .requests import Item, payload_of
from .results import TaskResult, read
from .retry import RetryConfig
from .settings import NO_DELIVERY, Delivery, TaskLimits, check_app
from .tasks import TaskLayer, Workshop
from .waiting import waiting


class RactoCeleryWorker:
    """Runs a kit and a pipeline in the worker processes of a Celery app.

    Make it at the top level of the module that makes the app, which web processes and workers
    import alike: ``celery -A that_module worker``.

    Args:
        app: Your Celery app, with broker and result back end. It must speak JSON.
        kit: A chat kit; or better a function that makes one, or the import path of either as
            ``package.module:name``: it is then made in each worker process, after the fork, and
            closed at its end, and a web process that only sends tasks makes none.
        rag: A pipeline with ``ingest``, given in the same ways; needed to ingest.
        retry_config: When failed tasks run again.
        name: Name of this worker on the app, with which its tasks' names begin. By default
            ``racto``, and ``racto-2`` and so on for further ones with another kit.
        tools: Tools that requests may name.
        trusted_modules: Modules, and packages with all inside, that workers may import for
            response models; those that are loaded already need not be named.
        limits: Limits of time and size.
        layers: What is around each task in the worker, outermost first: rate limits, idempotency,
            telemetry, streaming.
        track_started: Whether running tasks show as ``started``; costs a write for each run.

    Raises:
        ConfigurationError: If the app uses pickle or refuses JSON, the kit or pipeline cannot be
            one, or the name is taken.
    """

    def __init__(
        self,
        app: Any,
        *,
        kit: Any,
        rag: Any | None = None,
        retry_config: RetryConfig | None = None,
        name: str | None = None,
        tools: ToolRegistry | None = None,
        trusted_modules: Sequence[str] = (),
        limits: TaskLimits | None = None,
        layers: Sequence[TaskLayer] = (),
        track_started: bool = True,
    ) -> None:
        check_app(app)
        self._app = attended(app)
        self._workshop = Workshop(
            kit=ProcessLocal(kit, method="chat", role="kit"),
            rag=None if rag is None else ProcessLocal(rag, method="ingest", role="rag"),
            retry=retry_config or RetryConfig(),
            limits=limits or TaskLimits(),
            tools=tools,
            trusted=tuple(trusted_modules),
            layers=tuple(layers),
        )
        self._name = claimed(app, name, (kit, rag))
        self._dispatcher = Dispatcher(
            app,
            self._name,
            workshop=self._workshop,
            # Names that were chosen by order can differ between processes; kits tell them apart.
            label=self._workshop.kit.label if name is None else "",
            track_started=track_started,
        )

    @property
    def app(self) -> Any:
        """The Celery app."""
        return self._app

    @property
    def name(self) -> str:
        """Name of this worker on the app."""
        return self._name

    def generate(
        self,
        user_message: str,
        *,
        temperature: float | None = 0.0,
        max_tokens: int = 4096,
        history: Sequence[Any] | None = None,
        extra: Mapping[str, Any] | None = None,
        prompt: RactoPrompt | None = None,
        tools: ToolRegistry | Sequence[str] | None = None,
        response_model: Any = None,
        attachments: Sequence[RactoFile] | None = None,
        options: Mapping[str, Any] | None = None,
        delivery: Delivery = NO_DELIVERY,
    ) -> AsyncResult:
        """Queue a request to the model and return at once.

        Args:
            user_message: The user's words.
            temperature: Randomness; None leaves it to the model.
            max_tokens: Most tokens to generate.
            history: Earlier turns, as messages or ``{"role": ..., "content": ...}``.
            extra: Provider-specific fields, sent as they are.
            prompt: System prompt; the kit's own when None.
            tools: Names of tools that the worker knows, or a registry whose names are taken.
            response_model: Pydantic model that workers can import, its import path
                ``package.module:Model``, or a JSON Schema.
            attachments: Files sent along; large ones make large messages.
            options: Other fields of :class:`~racto.core.ChatConfig`; none of those above.
            delivery: How the task is delivered.

        Returns:
            Celery's result, whose ``id`` is the task's.

        Raises:
            ConfigurationError: If the request is malformed, cannot travel, or is too large.
            APIConnectionError: If the broker cannot be reached.
        """
        given = {
            "history": tuple(history) if history else None,
            "extra": dict(extra) if extra else None,
            "prompt": prompt,
            "tools": tools,
            "response_model": response_model,
            "attachments": tuple(attachments) if attachments else None,
        }
        # What was not given must not count as given: the worker's own defaults are for that.
        fields = {name: value for name, value in given.items() if value is not None}
        item = {"user_message": user_message, "temperature": temperature, "max_tokens": max_tokens}
        if twice := sorted((options or {}).keys() & (item.keys() | given.keys())):
            raise ConfigurationError(
                f"options: {', '.join(twice)} would be overridden; give it to generate() itself"
            )
        return self._dispatcher.send(
            "generate", payload_of({**(options or {}), **item, **fields}, {}), delivery
        )

    agenerate = threaded(generate)

    def ingest_document(self, path: str | Path, **metadata: Any) -> AsyncResult:
        """Queue a document for ingestion and return at once.

        Args:
            path: The file, as workers see it; a relative path is meant from here.
            **metadata: Facts kept in every chunk, to filter by.

        Returns:
            Celery's result, whose ``id`` is the task's.

        Raises:
            ConfigurationError: If the worker was made without ``rag``; nothing is queued then. Or
                if the metadata cannot travel.
            APIConnectionError: If the broker cannot be reached.
        """
        return self.submit_document(path, metadata=metadata)

    async def aingest_document(self, path: str | Path, **metadata: Any) -> AsyncResult:
        """Async twin of :meth:`ingest_document`."""
        return await self.asubmit_document(path, metadata=metadata)

    def submit_document(
        self,
        path: str | Path,
        *,
        metadata: Mapping[str, Any] | None = None,
        delivery: Delivery = NO_DELIVERY,
    ) -> AsyncResult:
        """:meth:`ingest_document` with a say in the delivery.

        Args:
            path: The file.
            metadata: Facts kept in every chunk.
            delivery: How the task is delivered.

        Raises:
            ConfigurationError: As there.
            APIConnectionError: As there.
        """
        if self._workshop.rag is None:
            raise ConfigurationError(
                "ingest_document needs a pipeline: make the worker with rag=... (nothing was queued)"
            )
        # Dates and tuples are marked here and revived in the worker; JSON alone would lose them.
        facts = plain(dict(metadata or {}), f"the metadata of {path}")
        where = os.fspath(path)
        # Workers run elsewhere in the tree of folders.
        where = where if "://" in where else str(Path(where).absolute())
        return self._dispatcher.send("ingest", IngestPayload(path=where, metadata=facts), delivery)

    asubmit_document = threaded(submit_document)

    def parallel_batch(
        self,
        items: Sequence[Item],
        *,
        temperature: float | None = 0.0,
        max_tokens: int = 4096,
        delivery: Delivery = NO_DELIVERY,
    ) -> GroupResult:
        """Queue many requests at once, to be worked on side by side.

        Args:
            items: Texts, mappings of ``ChatConfig``'s fields, whose own values go before the two
                below, or whole requests, which are sent as they are.
            temperature: Randomness of items that do not say.
            max_tokens: Most tokens of items that do not say.
            delivery: How the tasks are delivered; an idempotency key counts for the whole batch.

        Returns:
            Celery's group result; ``results`` are in the order of the items.

        Raises:
            ConfigurationError: If an item is malformed; the message names it, and nothing is
                queued.
            APIConnectionError: If the broker cannot be reached; ``partial`` is the group result
                of the items that were queued before.
        """
        defaults = {"temperature": temperature, "max_tokens": max_tokens}
        payloads = [
            payload_of(item, defaults, where=f"items[{at}]") for at, item in enumerate(items)
        ]
        return self._dispatcher.send_all(payloads, delivery)

    aparallel_batch = threaded(parallel_batch)

    def get_result(self, task_id: str) -> TaskResult:
        """The task as it is now.

        Raises:
            APIConnectionError: If the result back end cannot be reached.
            ConfigurationError: If the app has none.
        """
        return read(self._app, task_id)

    aget_result = threaded(get_result)

    def join(self, task_id: str, *, timeout_s: float | None = None) -> TaskResult:
        """Block until a task has ended, or the time is up.

        Args:
            task_id: The task.
            timeout_s: Seconds to wait at most; None waits as long as it takes.

        Returns:
            The task as it is then; ``timed_out`` says that the time was up.

        Raises:
            APIConnectionError: If the result back end cannot be reached for 15 seconds.
            RuntimeError: Inside a task, where waiting for another could block all workers.
        """
        return run(waiting(self._app, [task_id], timeout_s))[0]

    async def ajoin(self, task_id: str, *, timeout_s: float | None = None) -> TaskResult:
        """Async twin of :meth:`join`, and of :meth:`wait`."""
        return (await arun(waiting(self._app, [task_id], timeout_s)))[0]

    def wait(self, task_id: str, *, timeout_s: float | None = None) -> TaskResult:
        """:meth:`join` under the reference's name; its twin is :meth:`ajoin`.

        With an ``a`` before it the name would be a keyword of Python.
        """
        return self.join(task_id, timeout_s=timeout_s)

    def wait_parallel(
        self, group_result: GroupResult, *, timeout_s: float | None = None
    ) -> list[TaskResult]:
        """Block until all tasks of a batch have ended, or the time is up.

        Args:
            group_result: What :meth:`parallel_batch` returned.
            timeout_s: Seconds to wait at most for all of them.

        Returns:
            The tasks as they are then, in the order of the items.

        Raises:
            APIConnectionError: As :meth:`wait` does.
            RuntimeError: As :meth:`wait` does.
        """
        return run(waiting(self._app, _ids_of(group_result), timeout_s))

    async def await_parallel(
        self, group_result: GroupResult, *, timeout_s: float | None = None
    ) -> list[TaskResult]:
        """Async twin of :meth:`wait_parallel`."""
        return await arun(waiting(self._app, _ids_of(group_result), timeout_s))

    def cancel(self, task_id: str, *, terminate: bool = False) -> None:
        """Ask that a task is not run; fine if it has ended.

        Args:
            task_id: The task.
            terminate: Also end the process that runs it now; with prefork pools only.

        Raises:
            APIConnectionError: If the broker cannot be reached.
        """
        at = partial(broker_of, self._app)
        with translated(f"cancelling task {task_id}", service="broker", at=at):
            self._app.control.revoke(task_id, terminate=terminate)

    acancel = threaded(cancel)


def _ids_of(group_result: Any) -> list[str]:
    return [result.id for result in group_result.results]
