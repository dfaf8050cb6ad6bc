"""What records of a back end say of a task."""

from __future__ import annotations

from typing import Any

import pytest
from celery import Celery, states  # type: ignore[import-untyped]
from celery.exceptions import (  # type: ignore[import-untyped]
    TaskRevokedError,
    TimeLimitExceeded,
)

from racto.celery import RactoCeleryWorker, TaskResult, TaskStatus
from racto.celery.results import result_of
from racto.core.errors import APIConnectionError, BadRequestError, ConfigurationError, JobError
from racto.core.testing import ScriptedKit


def test_states_are_celerys() -> None:
    words = {states.PENDING, states.STARTED, states.SUCCESS, states.FAILURE}
    words |= {states.RETRY, states.REVOKED}
    assert {status.value.upper() for status in TaskStatus} == words
    assert [status for status in TaskStatus if status.is_final] == [
        TaskStatus.SUCCESS,
        TaskStatus.FAILURE,
        TaskStatus.REVOKED,
    ]


@pytest.mark.parametrize(
    ("state", "value", "facts"),
    [
        ("PENDING", None, {"status": "pending"}),
        ("RECEIVED", None, {"status": "pending"}),
        ("STARTED", {"pid": 1}, {"status": "started", "result": None}),
        ("SUCCESS", {"a": 1}, {"status": "success", "result": {"a": 1}}),
        ("SUCCESS", None, {"status": "success", "result": None}),
        (
            "FAILURE",
            BadRequestError("400"),
            {"status": "failure", "error": "400", "error_type": "BadRequestError"},
        ),
        ("FAILURE", ValueError(), {"error": "ValueError", "error_type": "ValueError"}),
        ("FAILURE", ValueError("password=hunter2hunter2"), {"error": "password=***"}),
        ("FAILURE", None, {"status": "failure", "error": None}),
        ("RETRY", BadRequestError("again"), {"status": "retry", "error": "again"}),
        ("REVOKED", TaskRevokedError("terminated"), {"error": "the task was cancelled"}),
        ("FAILURE", TimeLimitExceeded(3.0), {"error_type": "TimeLimitExceeded"}),
        (
            "PROGRESS",
            {"done": 3, "total": 4, "note": "a.pdf"},
            {"status": "started", "progress": 0.75, "note": "a.pdf"},
        ),
        ("PROGRESS", {"done": 9, "total": 4}, {"progress": 1.0}),
        ("PROGRESS", {"done": 1, "total": 0}, {"progress": None}),
        ("PROGRESS", "nonsense", {"status": "started", "progress": None}),
        ("A-STATE-OF-THE-USER", 1, {"status": "started"}),
    ],
)
def test_record_is_read(state: str, value: Any, facts: dict[str, Any]) -> None:
    found = result_of("t", {"status": state, "result": value})
    assert facts.items() <= found.model_dump().items()
    assert found.ok is (state == "SUCCESS")
    assert not found.timed_out


def test_result_goes_through_json() -> None:
    found = result_of("t", {"status": "SUCCESS", "result": {"content": "x"}})
    assert TaskResult.model_validate_json(found.model_dump_json()) == found


def test_app_without_back_end_is_told_so() -> None:
    worker = RactoCeleryWorker(Celery("bare", broker="memory://"), kit=ScriptedKit())
    for call in (worker.get_result, worker.wait):
        with pytest.raises(ConfigurationError, match="no result back end"):
            call("t")


def test_back_end_that_is_away_is_an_error_of_the_connection() -> None:
    app = Celery("away", broker="memory://", backend="redis://127.0.0.1:1/0")
    worker = RactoCeleryWorker(app, kit=ScriptedKit())
    with pytest.raises(
        APIConnectionError, match=r"reading task t: the result back end at 127\.0\.0\.1:1 f"
    ):
        worker.get_result("t")


def test_record_that_names_a_foreign_class_is_refused(app: Celery) -> None:
    worker = RactoCeleryWorker(app, kit=ScriptedKit())
    backend = app.backend
    record = {"exc_type": "system", "exc_message": "echo hello", "exc_module": "os"}
    backend.set(
        backend.get_key_for_task("t"), backend.encode({"status": "FAILURE", "result": record})
    )
    with pytest.raises(JobError, match="reading task t: SecurityError"):
        worker.get_result("t")
