"""One attempt at a task: retries that cannot be sent, and failures that are long."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from celery import Celery  # type: ignore[import-untyped]
from celery.exceptions import Reject  # type: ignore[import-untyped]
from kombu.exceptions import OperationalError

from racto.celery import RactoCeleryWorker
from racto.celery.failures import LONGEST
from racto.celery.requests import payload_of
from racto.core.errors import ServerError
from racto.core.testing import ScriptedKit


def test_task_goes_back_to_its_queue_when_the_broker_takes_no_retry(app: Celery) -> None:
    worker = RactoCeleryWorker(app, kit=ScriptedKit([ServerError("503")]))
    app.conf.task_always_eager = False
    task, text = app.tasks[f"{worker.name}.generate"], payload_of("x", {}).packed(1000)

    def gone(*args: Any, **options: Any) -> Any:
        raise OperationalError("refused at redis://:hunter2@host/0")

    task.__dict__["apply_async"] = gone
    task.push_request(id="t", retries=0, args=(text,), kwargs={}, called_directly=False)
    with pytest.raises(Reject) as caught:
        task.run(text)
    task.pop_request()
    # Without the first the message, and the task with it, would be gone.
    assert caught.value.requeue
    assert "hunter2" not in str(caught.value.reason)
    assert caught.value.__context__ is None


def test_log_of_a_failure_is_bounded_and_ends_with_the_error(
    app: Celery, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(config: Any) -> Any:
        raise ValueError("x" * 1_000_000 + " the end")

    worker = RactoCeleryWorker(app, kit=ScriptedKit(fails))
    with caplog.at_level(logging.INFO, "racto.celery"):
        assert worker.generate("x").state == "FAILURE"
    (record,) = (each for each in caplog.records if "failed:" in each.message)
    assert len(record.message) < 3 * LONGEST
    assert record.message.rstrip().endswith("the end")
