"""Limiter, memory, cache, audit log, tracer and metrics around a run, by protocol."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from racto.core import RateLimitExceededError, ServerError
from racto.core.telemetry import RecordingMetrics, RecordingTracer
from racto.core.testing import DictCache, DictMemory, ListAudit, WindowLimiter
from racto.pipelines.errors import ReadOnlyViolationError

from .conftest import Ask
from .scripts import asked, stage

COUNT = "SELECT count(*) AS n FROM orders"


class PlainLimiter:
    """The reference's limiter: no async form, no reservations."""

    def __init__(self, budget: int) -> None:
        self.left = budget
        self.threads: set[int] = set()

    def check_and_consume(self, user_id: str, tokens: int) -> bool:
        self.threads.add(threading.get_ident())
        self.left -= tokens
        return self.left >= 0

    def get_remaining(self, user_id: str) -> int:
        return self.left


class PlainMemory:
    """The reference's memory: two methods, neither of them async."""

    def __init__(self) -> None:
        self.turns: list[dict[str, str]] = []
        self.threads: set[int] = set()

    def get_history(self, session_id: str) -> list[dict[str, str]]:
        self.threads.add(threading.get_ident())
        return list(self.turns)

    def append(self, session_id: str, role: str, content: str) -> None:
        self.threads.add(threading.get_ident())
        self.turns.append({"role": role, "content": content})


def test_what_was_reserved_is_settled_by_what_was_used(sqlite_address: str, ask: Ask) -> None:
    limiter = WindowLimiter(budget=5000)
    kit = stage(COUNT)
    made = {"rate_limiter": limiter, "user_id": "ada"}
    result = ask(kit, connection_string=sqlite_address, made=made)
    assert limiter.get_remaining("ada") == 5000 - result.usage.total_tokens


def test_a_failed_run_pays_what_it_used(sqlite_address: str, ask: Ask) -> None:
    limiter = WindowLimiter(budget=5000)
    with pytest.raises(ServerError):
        ask(stage([ServerError("down")]), connection_string=sqlite_address,
            made={"rate_limiter": limiter}, user_id="ben")  # fmt: skip
    assert limiter.get_remaining("ben") == 5000


def test_an_empty_budget_asks_no_model(sqlite_address: str, ask: Ask) -> None:
    kit = stage(COUNT)
    limiter = WindowLimiter(budget=1500)
    limiter.reserve("ada", 1000)
    made = {"rate_limiter": limiter, "user_id": "ada"}
    with pytest.raises(RateLimitExceededError) as caught:
        ask(kit, connection_string=sqlite_address, made=made)
    assert kit.requests == []
    assert caught.value.retryable
    assert caught.value.retry_after


def test_nobody_is_unlimited_by_having_no_name(sqlite_address: str, ask: Ask) -> None:
    limiter = PlainLimiter(1500)
    made = {"rate_limiter": limiter}
    assert ask(stage(COUNT), connection_string=sqlite_address, made=made).ok
    with pytest.raises(RateLimitExceededError):
        ask(stage(COUNT), connection_string=sqlite_address, made=made)


def test_services_without_async_forms_stay_off_the_loop(
    sqlite_address: str, ask: Ask, request: pytest.FixtureRequest
) -> None:
    limiter, memory = PlainLimiter(5000), PlainMemory()
    made = {"rate_limiter": limiter, "memory": memory}
    ask(stage(COUNT), connection_string=sqlite_address, session_id="s", made=made)
    is_async = request.node.callspec.params["ask"] == "arun"
    on_main = threading.get_ident() in limiter.threads | memory.threads
    assert on_main is not is_async
    assert [turn["role"] for turn in memory.turns] == ["user", "assistant"]


@pytest.mark.parametrize("kind", [DictMemory, PlainMemory])
def test_a_question_may_lean_on_earlier_ones(kind: Any, sqlite_address: str, ask: Ask) -> None:
    memory = kind()
    made = {"memory": memory}
    first = stage(COUNT, answer="There are 3 orders.")
    ask(first, "How many orders?", connection_string=sqlite_address, session_id="a", made=made)
    second = stage(COUNT)
    ask(second, "And by month?", connection_string=sqlite_address, session_id="a", made=made)
    told = asked(second, "sql")[0].user_message
    assert "How many orders?" in told
    assert COUNT in told
    assert "There are 3 orders." in told
    assert "<conversation>" not in asked(first, "sql")[0].user_message
    other = stage(COUNT)
    ask(other, connection_string=sqlite_address, made=made)
    assert "How many orders?" not in asked(other, "sql")[0].user_message


def test_a_reply_that_led_to_rows_is_not_paid_for_twice(sqlite_address: str, ask: Ask) -> None:
    cache = DictCache()
    made = {"sql_cache": cache, "run_answer": False}
    first = stage(["SELECT nothing_there FROM orders", COUNT])
    assert ask(first, connection_string=sqlite_address, made=made).attempts
    again = stage("SELECT 1 AS never_asked")
    result = ask(again, connection_string=sqlite_address, made=made)
    assert result.sql_query == COUNT
    assert again.requests == []
    assert result.usage.total_tokens == 0
    assert result.usage.cost == 0


def test_another_policy_shares_no_reply(sqlite_address: str, ask: Ask) -> None:
    cache = DictCache()
    made = {"sql_cache": cache, "run_answer": False}
    ask(stage("SELECT token FROM secrets"), connection_string=sqlite_address, made=made)
    narrow = {**made, "allowed_tables": ["orders"]}
    kit = stage(COUNT)
    assert ask(kit, connection_string=sqlite_address, made=narrow).sql_query == COUNT


def test_each_run_leaves_one_record(sqlite_address: str, ask: Ask) -> None:
    audit = ListAudit()
    made = {"audit_logger": audit, "user_id": "ada"}
    ask(stage(COUNT, answer="Three."), "How many?", connection_string=sqlite_address, made=made)
    with pytest.raises(ReadOnlyViolationError):
        ask(stage("DROP TABLE orders"), connection_string=sqlite_address, made=made)
    good, bad = audit.records
    assert (good["user_id"], good["prompt"], good["response"]) == ("ada", "How many?", "Three.")
    assert good["metadata"]["sql"] == COUNT
    assert good["metadata"]["rows"] == 1
    assert bad["metadata"]["error_type"] == "ReadOnlyViolationError"
    assert [entry["text"] for entry in bad["metadata"]["rejected"]] == ["DROP TABLE orders"] * 3


def test_a_log_with_gaps_is_an_error(sqlite_address: str, ask: Ask) -> None:
    class Broken(ListAudit):
        def log(self, **facts: Any) -> None:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        ask(stage(COUNT), connection_string=sqlite_address, made={"audit_logger": Broken()})
    kept = ask(stage(COUNT), connection_string=sqlite_address,
               made={"audit_logger": Broken(), "safe_mode": True})  # fmt: skip
    assert kept.error == "disk full"
    assert kept.row_count == 1


def test_steps_are_spans_inside_the_run(sqlite_address: str, ask: Ask) -> None:
    tracer, metrics = RecordingTracer(), RecordingMetrics()
    kit = stage(["SELECT nope FROM orders", COUNT])
    ask(kit, connection_string=sqlite_address, chart="auto", session_id="s",
        made={"tracer": tracer, "metrics": metrics})  # fmt: skip
    names = [span.name for span in tracer.spans]
    assert names[0] == "sql_analyst run"
    assert "sql_analyst query" in names
    assert names.count("sql_analyst sql") == 2
    assert all(span.parent is not None for span in tracer.spans[1:])
    assert all(span.duration is not None for span in tracer.spans)
    assert not any("How much?" in str(span.attributes) for span in tracer.spans)
    assert metrics.total("racto.sql_analyst.runs") == 1
    assert metrics.total("racto.sql_analyst.rejected") == 1
