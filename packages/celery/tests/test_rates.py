"""Rate limits: what does not fit waits and does not fail, estimates are settled, never is said."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from celery import Celery  # type: ignore[import-untyped]

from racto.celery import RactoCeleryWorker, TaskRun, TaskStatus
from racto.celery.rates import RateLayer
from racto.core.errors import (
    APIConnectionError,
    ConfigurationError,
    RateLimitExceededError,
    ServerError,
)
from racto.core.responses import LLMResponse
from racto.core.testing import ScriptedKit, WindowLimiter
from racto.core.usage import Usage

from .harness.premises import Site


def _worker(layer: RateLayer, reply: Any) -> Any:
    """The generate task of a worker that runs in this process."""
    app = Celery("rates", broker="memory://", backend="cache+memory://", set_as_current=False)
    app.conf.task_always_eager = True
    return RactoCeleryWorker(app, kit=ScriptedKit([reply], repeat=True), layers=[layer])


def test_tasks_above_the_budget_wait_and_all_end_well(site: Site) -> None:
    group = site.depot.limited.parallel_batch([f"limited {n} {uuid4()}" for n in range(8)])
    now = [site.depot.limited.get_result(result.id).status for result in group.results]
    assert TaskStatus.FAILURE not in now
    found = site.depot.limited.wait_parallel(group, timeout_s=40)
    assert [result.status for result in found] == [TaskStatus.SUCCESS] * 8
    # Put off they were, though each ran once.
    assert all((r.result or {})["content"].startswith("run 1 of") for r in found)


def test_estimate_is_replaced_by_what_was_used() -> None:
    limiter = WindowLimiter(budget=100)
    usage = Usage(input_tokens=7, cache_read_tokens=2, output_tokens=3)
    layer = RateLayer(limiter, key="k", tokens=50)
    _worker(layer, LLMResponse(content="hi", usage=usage)).generate("hello").get()
    assert limiter.get_remaining("k") == 88


def test_failed_run_costs_nothing() -> None:
    limiter = WindowLimiter(budget=100)
    layer = RateLayer(limiter, key=lambda run: f"{run.name}!", tokens=lambda run: 60)
    sent = _worker(layer, ServerError("503", retryable=False)).generate("hello")
    assert sent.state == "FAILURE"
    assert limiter.get_remaining("racto.generate!") == 100


def test_reply_is_kept_when_the_limiter_is_away_at_the_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Gone(WindowLimiter):
        def settle(self, reservation: Any, used: int) -> None:
            raise APIConnectionError("the limiter is away")

    layer = RateLayer(Gone(budget=100), key="k", tokens=50)
    assert _worker(layer, "hi").generate("hello").get()["content"] == "hi"
    assert "not settled: the limiter is away" in caplog.text
    failed = _worker(layer, ServerError("503: down", retryable=False)).generate("hello")
    # The run's own error says more than the limiter's.
    assert "503: down" in str(failed.result)


def test_what_never_fits_fails_at_once_and_says_so() -> None:
    worker = _worker(RateLayer(WindowLimiter(budget=10), tokens=11), "hi")
    with pytest.raises(RateLimitExceededError, match="no room for 11") as caught:
        worker.generate("hello").get()
    assert not caught.value.retryable


def test_patience_ends() -> None:
    limiter = WindowLimiter(budget=1, window_seconds=600)
    assert limiter.check_and_consume("k")
    layer = RateLayer(limiter, key="k", patience_s=30)
    app = Celery("rates", broker="memory://", backend="cache+memory://", set_as_current=False)
    task = app.tasks[f"{RactoCeleryWorker(app, kit=ScriptedKit()).name}.generate"]
    run = TaskRun(
        task_id="t",
        name="n",
        kind="ingest",
        attempt=1,
        headers={},
        payload=None,  # type: ignore[arg-type]
        workshop=task.workshop,
        task=task,
    )
    with pytest.raises(RateLimitExceededError) as caught:
        layer.around(run, lambda: 1)
    assert not caught.value.retryable
    assert "the limit is 30 s" in caught.value.__notes__[0]


@pytest.mark.parametrize("given", [{"tokens": 0}, {"limiter": 5}, {"limiter": "nowhere"}])
def test_mistakes_are_told_where_the_worker_is_made(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        RateLayer(**{"limiter": WindowLimiter(), **given})
