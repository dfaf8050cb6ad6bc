"""Result back ends that are away: whoever sends or asks is told soon, and where."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from celery import Celery  # type: ignore[import-untyped]
from celery.exceptions import TaskRevokedError  # type: ignore[import-untyped]

from racto.celery import CeleryJobQueue, Delivery, MapReduce, RactoCeleryWorker, TaskStatus
from racto.celery.backends import impatient
from racto.core.errors import APIConnectionError, BadRequestError
from racto.core.testing import SAMPLE_JOBS, ScriptedKit

from .harness.redis_process import RedisProcess

SOON_S = 5.0
"""Celery's own patience would be four times as long, or without an end."""


def _away(**settings: Any) -> Celery:
    app = Celery(
        "away", broker="memory://", backend="redis://:hunter2@127.0.0.1:1/0", set_as_current=False
    )
    app.conf.update(task_default_queue="untouched-by-others", **settings)
    return app


def _calls(app: Celery) -> dict[str, Callable[[], Any]]:
    worker = RactoCeleryWorker(app, kit=ScriptedKit())
    queue = CeleryJobQueue(app, jobs=SAMPLE_JOBS)
    chords = MapReduce(worker, question="Q", summary="S")
    return {
        "send": lambda: worker.generate("a"),
        "send many": lambda: worker.parallel_batch(["a", "b"]),
        "send with a key": lambda: worker.generate("a", delivery=Delivery(idempotency_key="k")),
        "map and reduce": lambda: chords.submit(["a"]),
        "ask": lambda: worker.get_result("t"),
        "wait": lambda: worker.wait("t", timeout_s=0.1),
        "submit": lambda: queue.submit("echo", {}),
        "submit with a key": lambda: queue.submit("echo", {}, idempotency_key="k"),
        "status": lambda: queue.status("t"),
    }


@pytest.mark.parametrize("settings", [{}, {"result_backend_always_retry": True}], ids=str)
def test_every_call_fails_soon_and_says_where(settings: dict[str, Any]) -> None:
    app = _away(**settings)
    for name, call in _calls(app).items():
        began = time.monotonic()
        with pytest.raises(
            APIConnectionError, match=r"result back end at 127\.0\.0\.1:1"
        ) as caught:
            call()
        assert time.monotonic() - began < SOON_S, name
        assert "hunter2" not in str(caught.value)
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue("untouched-by-others")
        assert queue.qsize() == 0
        queue.close()


# Celery's results unsubscribe when they are collected, and find nobody to tell.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_redis_that_goes_between_two_tasks_is_told_of_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with RedisProcess() as server:
        app = Celery("going", broker="memory://", backend=server.url, set_as_current=False)
        # Celery's patience, which nothing but its own setting shortens.
        patience = {"max_retries": 2, "interval_start": 0, "interval_step": 0.1}
        app.conf.update(
            task_default_queue="untouched-by-others",
            result_backend_transport_options={"retry_policy": patience},
        )
        worker = RactoCeleryWorker(app, kit=ScriptedKit())
        signs = []
        ping = app.backend.client.ping
        monkeypatch.setattr(app.backend.client, "ping", lambda: signs.append(ping()))
        first, second = worker.generate("a"), worker.generate("b")
        assert first.id != second.id
        assert len(signs) == 1
        server.kill()
        with pytest.raises(APIConnectionError, match="the result back end failed: ConnectionError"):
            # The first words into a line that was cut can still seem to arrive.
            [worker.generate("c") for _ in range(5)]
        first.backend.result_consumer.stop()
        app.close()


def test_batch_that_never_began_has_sent_nothing() -> None:
    worker = RactoCeleryWorker(_away(), kit=ScriptedKit())
    with pytest.raises(APIConnectionError) as caught:
        worker.parallel_batch(["a", "b"])
    assert caught.value.partial.results == []
    assert "0 of 2 items were sent" in caught.value.__notes__


def test_impatient_back_end_is_the_same_one_in_a_hurry() -> None:
    backend = _away(result_backend_always_retry=True).backend
    hurried = impatient(backend)
    assert (backend.always_retry, hurried.always_retry) == (True, False)
    assert impatient(backend) is hurried
    assert type(hurried) is type(backend)
    calm = _away().backend
    assert impatient(calm) is calm


@pytest.mark.parametrize(
    ("state", "error"),
    [("FAILURE", BadRequestError("400")), ("REVOKED", TaskRevokedError("revoked"))],
)
def test_task_that_is_sent_again_has_not_failed_yet(app: Celery, state: str, error: Any) -> None:
    app.conf.task_always_eager = False
    worker, key = RactoCeleryWorker(app, kit=ScriptedKit()), Delivery(idempotency_key=state)
    task_id = worker.generate("a", delivery=key).id
    app.backend.store_result(task_id, error, state)
    assert worker.get_result(task_id).status.is_final
    assert worker.generate("a", delivery=key).id == task_id
    assert worker.get_result(task_id).status is TaskStatus.PENDING
    app.backend.store_result(task_id, {"content": "done"}, "SUCCESS")
    worker.generate("a", delivery=key)
    assert worker.get_result(task_id).ok
