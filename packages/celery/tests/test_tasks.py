"""One run of a task: layers, progress, verdicts, and what monitors see of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest
from celery import Celery  # type: ignore[import-untyped]
from celery.exceptions import Ignore, Retry  # type: ignore[import-untyped]

from racto.celery import RactoCeleryWorker, RetryConfig, TaskRun
from racto.celery.tasks import Call, Kind, TaskLayer
from racto.core.errors import BadRequestError, ServerError
from racto.core.testing import ScriptedKit

from .conftest import Live


class Noting:
    """A layer that notes what it sees."""

    def __init__(self, name: str, notes: list[str]) -> None:
        self.name, self.notes = name, notes

    def outgoing(self, kind: Kind, task_id: str) -> Mapping[str, str]:
        """A header of its own."""
        return {f"x-{self.name}": kind}

    def around(self, run: TaskRun, call: Call) -> Any:
        """Note the run before and after."""
        header = run.headers.get(f"x-{self.name}")
        self.notes.append(f"{self.name} {run.kind} {run.attempt} {header}")
        result = call()
        self.notes.append(f"{self.name} {result['content']}")
        return {**result, "content": f"{self.name}({result['content']})"}


def test_layers_are_entered_outermost_first(app: Celery) -> None:
    notes: list[str] = []
    layers = [Noting("a", notes), Noting("b", notes)]
    assert isinstance(layers[0], TaskLayer)
    worker = RactoCeleryWorker(app, kit=ScriptedKit(["hi"]), layers=layers)
    assert worker.generate("x").get()["content"] == "a(b(hi))"
    assert notes == ["a generate 1 generate", "b generate 1 generate", "b hi", "a b(hi)"]


def test_layer_can_answer_refuse_or_end_a_task(app: Celery) -> None:
    class Stop(Noting):
        def around(self, run: TaskRun, call: Call) -> Any:
            raise Ignore

    worker = RactoCeleryWorker(app, kit=ScriptedKit(), layers=[Stop("s", [])])
    assert worker.generate("x").state == "IGNORED"


def test_retries_wait_and_carry_the_verdict(app: Celery) -> None:
    kit = ScriptedKit([ServerError("503"), ServerError("503 again"), "at last"])
    worker = RactoCeleryWorker(app, kit=kit, retry_config=RetryConfig(initial_delay_s=0.0))
    assert worker.generate("x").get()["content"] == "at last"
    task = app.tasks["racto.generate"]
    text = worker_text(worker)
    kit = ScriptedKit([ServerError("503", retry_after=7.0)])
    other = RactoCeleryWorker(app, kit=kit, name="other")
    app.conf.task_always_eager = False
    task = app.tasks["other.generate"]
    sent: list[dict[str, Any]] = []
    task.push_request(id="t", retries=0, args=(text,), kwargs={}, called_directly=False)
    task.__dict__["apply_async"] = lambda *args, **options: sent.append(options)
    with pytest.raises(Retry) as caught:
        task.run(text)
    task.pop_request()
    assert type(caught.value.exc) is ServerError
    assert caught.value.__context__ is None
    assert caught.value.when >= 7.0
    assert other.name == "other"


def worker_text(worker: RactoCeleryWorker) -> str:
    from racto.celery.requests import payload_of

    return payload_of("x", {}).packed(1000)


def test_verdict_has_no_history(app: Celery) -> None:
    def fails(config: Any) -> Any:
        try:
            raise ValueError("password=hunter2hunter2")
        except ValueError as error:
            raise BadRequestError("400") from error

    worker = RactoCeleryWorker(app, kit=ScriptedKit(fails))
    result = worker.generate("x")
    assert result.state == "FAILURE"
    assert result.result.__cause__ is None
    assert result.result.__context__ is None
    assert "hunter2" not in result.traceback


def test_progress_is_told_at_most_twice_a_second(app: Celery) -> None:
    told: list[dict[str, Any]] = []

    class FakeRequest:
        is_eager = False

    class Recorder:
        request = FakeRequest()

        def store_result(self, task_id: str, meta: Any, state: str, request: Any) -> None:
            told.append({"state": state, **meta})
            if len(told) == 2:
                raise ConnectionError("away")

        @property
        def backend(self) -> Recorder:
            return self

    run = TaskRun(
        task_id="t", name="n", kind="ingest", attempt=1, headers={}, payload=None,  # type: ignore[arg-type]
        workshop=None, task=Recorder(),  # type: ignore[arg-type]
    )  # fmt: skip
    for n in range(100):
        run.report(n, 100, "page password=hunter2hunter2")
    # The end is always told, and a back end that is away does not end the task.
    run.report(100, 100)
    assert [one["done"] for one in told] == [0, 100]
    assert told[0] == {"state": "PROGRESS", "done": 0, "total": 100, "note": "page password=***"}


def test_monitors_see_names_and_sizes_only(live: Live) -> None:
    seen: list[dict[str, Any]] = []
    ready = threading.Event()

    def listen() -> None:
        with live.app.connection_for_read() as connection:
            receiver = live.app.events.Receiver(connection, handlers={"*": seen.append})
            ready.set()
            for _ in receiver.itercapture(limit=None, timeout=20, wakeup=True):
                if {"task-succeeded", "task-failed"} <= {event["type"] for event in seen}:
                    return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert ready.wait(10)
    while not any(event["type"] == "worker-heartbeat" for event in seen):
        time.sleep(0.02)
    words = "private words and sk-0123456789abcdef"
    live.worker.wait(live.worker.generate(words).id, timeout_s=20)
    live.worker.wait(live.worker.generate("limit m " + words).id, timeout_s=20)
    live.worker.wait(live.worker.generate("refuse " + words).id, timeout_s=20)
    listener.join(20)
    kinds = {event["type"] for event in seen}
    assert {"task-received", "task-started", "task-retried", "task-succeeded"} <= kinds
    received = [event for event in seen if event["type"] == "task-received"]
    assert {event["name"] for event in received} == {"racto.generate"}
    assert all(event["args"].startswith("('generate payload, ") for event in received)
    assert "private" not in str(seen)
    assert "sk-0123456789abcdef" not in str(seen)
    assert "private words" not in live.process.words
