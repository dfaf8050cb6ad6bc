"""Caches, limiter, memory, audit, tracer and metrics: by protocol, in both voices, in order."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import pytest

from racto.core.errors import ResponseModelValidationError
from racto.core.telemetry import RecordingMetrics, RecordingTracer
from racto.core.testing import (
    DictCache,
    DictMemory,
    ListAudit,
    NearCache,
    ScriptedKit,
    WindowLimiter,
)
from racto.pipelines.errors import ClassifierRateLimitExceededError
from racto.pipelines.list_classifier import ListClassifierPipeline


def choosing(word: str = "") -> ScriptedKit:
    """Chooses the first option that it is shown, and gives the text as its reason."""

    def answer(config: Any) -> str:
        options = config.response_model.model_json_schema()["properties"]["selected"]["enum"]
        chosen = word or options[0]
        return json.dumps({"selected": chosen, "confidence": 0.8, "reasoning": config.user_message})

    return ScriptedKit(answer)


def test_the_exact_cache_knows_the_options() -> None:
    kit = choosing()
    one = ListClassifierPipeline(kit, options=["Billing", "Sales"], exact_cache=DictCache())
    assert one.run("hello").cache_hit is None
    hit = one.run("hello")
    assert (hit.cache_hit, hit.selected, hit.usage.total_tokens) == ("exact", ["Billing"], 0)
    assert one.run("hello", options=["Red", "Blue"]).selected == ["Red"]
    assert one.run("hello", options=["Billing"]).cache_hit is None
    assert one.run("hello", max_tokens=99).cache_hit is None
    assert len(kit.requests) == 4


def test_a_threshold_is_no_other_question() -> None:
    one = ListClassifierPipeline(choosing(), options=["A", "B"], exact_cache=DictCache())
    one.run("hello")
    hit = one.run("hello", confidence_threshold=0.9)
    assert (hit.cache_hit, hit.below_threshold) == ("exact", True)


def test_the_semantic_cache_knows_the_options_and_keeps_texts_apart() -> None:
    cache = NearCache(threshold=0.7)
    audit = ListAudit()
    one = ListClassifierPipeline(
        choosing(), options=["Billing", "Sales"], semantic_cache=cache, audit_logger=audit,
        audit_content=True,
    )  # fmt: skip
    one.run("my invoice of may is wrong", user_id="anna")
    other = one.run("my invoice of june is wrong", user_id="bob")
    assert (other.cache_hit, other.user_query) == ("semantic", "my invoice of june is wrong")
    assert other.usage.total_tokens == 0
    assert audit.records[1]["prompt"] == "my invoice of june is wrong"
    assert one.run("my invoice of june is wrong", options=["Red", "Blue"]).selected == ["Red"]


def test_reasons_do_not_travel_between_users() -> None:
    one = ListClassifierPipeline(
        choosing(), options=["A"], semantic_cache=NearCache(threshold=0.7), include_reasoning=True
    )
    one.run("my invoice of may is wrong", user_id="anna")
    other = one.run("my invoice of june is wrong", user_id="bob")
    assert other.cache_hit is None
    assert one.run("my invoice of july is wrong", user_id="anna").cache_hit == "semantic"


def test_replies_that_decide_nothing_are_not_kept() -> None:
    kit = ScriptedKit([json.dumps({"selected": "nothing"}), json.dumps({"selected": "A"})])
    one = ListClassifierPipeline(kit, options=["A"], exact_cache=DictCache(), max_retries=0)
    with pytest.raises(ResponseModelValidationError):
        one.run("hello")
    assert one.run("hello").cache_hit is None
    assert one.run("hello").cache_hit == "exact"


def test_the_limiter_comes_after_the_caches_and_counts_what_was_used() -> None:
    limiter = WindowLimiter(budget=1_000)
    kit = choosing()
    one = ListClassifierPipeline(
        kit, options=["A", "B"], rate_limiter=limiter, exact_cache=DictCache(), user_id="anna"
    )
    used = one.run("hello").usage.total_tokens
    assert limiter.get_remaining("anna") == 1_000 - used
    one.run("hello")
    assert limiter.get_remaining("anna") == 1_000 - used


def test_what_a_failed_call_used_is_counted() -> None:
    limiter = WindowLimiter(budget=1_000)
    kit = ScriptedKit([json.dumps({"selected": "?"})])
    one = ListClassifierPipeline(kit, options=["A"], rate_limiter=limiter, max_retries=0)
    with pytest.raises(ResponseModelValidationError) as caught:
        one.run("hello", user_id="bob")
    assert caught.value.usage is not None
    assert limiter.get_remaining("bob") == 1_000 - caught.value.usage.total_tokens


def test_a_spent_budget() -> None:
    one = ListClassifierPipeline(choosing(), options=["A"], rate_limiter=WindowLimiter(budget=500))
    one.run("hello", user_id="anna")
    with pytest.raises(ClassifierRateLimitExceededError, match="try again in") as caught:
        one.run("hello", user_id="anna")
    assert caught.value.retry_after
    assert one.run("hello", user_id="bob").first == "A"
    never = ListClassifierPipeline(choosing(), options=["A"], rate_limiter=WindowLimiter(budget=9))
    with pytest.raises(ClassifierRateLimitExceededError, match="more than the limiter ever allows"):
        never.run("hello")


def test_the_reference_s_limiter_and_memory_are_never_called_in_the_loop() -> None:
    threads: list[int] = []

    class Limiter:
        def check_and_consume(self, user_id: str, tokens: int) -> bool:
            threads.append(threading.get_ident())
            return user_id != "bob"

        def get_remaining(self, user_id: str) -> int:
            return 7

    class Memory:
        def __init__(self) -> None:
            self.turns: list[tuple[str, str, str]] = []

        def get_history(self, session_id: str) -> list[dict[str, str]]:
            threads.append(threading.get_ident())
            return [{"role": role, "content": text} for _, role, text in self.turns]

        def append(self, session_id: str, role: str, content: str) -> None:
            threads.append(threading.get_ident())
            self.turns.append((session_id, role, content))

    kit = choosing()
    one = ListClassifierPipeline(kit, options=["A"], rate_limiter=Limiter(), memory=Memory())
    asyncio.run(one.arun("hello", session_id="s"))
    assert len(threads) == 4
    assert threading.get_ident() not in threads
    with pytest.raises(ClassifierRateLimitExceededError):
        one.run("hello", user_id="bob")
    one.run("again", session_id="s")
    assert [turn.text for turn in kit.requests[-1].history] == ["hello", "A"]


def test_the_memory_is_part_of_the_question() -> None:
    kit, memory = choosing(), DictMemory()
    one = ListClassifierPipeline(kit, options=["A"], memory=memory, exact_cache=DictCache())
    one.run("hello", session_id="s")
    assert one.run("hello", session_id="s").cache_hit is None
    assert [turn.text for turn in kit.requests[-1].history] == ["hello", "A"]
    assert memory.count("s") == 4
    one.run("other")
    assert kit.requests[-1].history == ()


def test_each_call_is_on_record_without_its_text() -> None:
    audit = ListAudit()
    one = ListClassifierPipeline(
        ScriptedKit(
            [
                json.dumps({"selected": "A", "confidence": 0.5, "reasoning": "my secret"}),
                json.dumps({"selected": "my secret"}),
            ]
        ),
        options=["A", "B"],
        include_reasoning=True,
        exact_cache=DictCache(),
        audit_logger=audit,
        max_retries=0,
        safe_mode=True,
    )
    one.run("my secret", user_id="anna", session_id="s")
    one.run("my secret")
    one.run("other secret")
    asyncio.run(one.arun("my secret"))
    first, hit, failed, awaited = audit.records
    assert (first["user_id"], first["model"], first["response"]) == ("anna", "script-1", "A")
    facts = first["metadata"]
    assert facts["options_provided"] == ["A", "B"]
    assert (facts["confidences"], facts["session_id"]) == ([0.5], "s")
    assert facts["usage"]["total_tokens"] > 0
    assert facts["timestamp"].endswith("Z")
    assert (hit["metadata"]["cache_hit"], awaited["metadata"]["cache_hit"]) == ("exact", "exact")
    assert hit["metadata"]["usage"]["total_tokens"] == 0
    assert failed["response"] == "ResponseModelValidationError"
    assert "secret" not in json.dumps(audit.records)


def test_texts_are_on_record_when_they_are_to_be() -> None:
    audit = ListAudit()
    one = ListClassifierPipeline(
        choosing(), options=["A"], audit_logger=audit, audit_content=True, include_reasoning=True
    )
    one.run("my words")
    assert audit.records[0]["prompt"] == "my words"
    assert audit.records[0]["metadata"]["reasoning"] == "my words"


def test_a_record_that_is_lost_is_no_secret() -> None:
    class Full(ListAudit):
        def log(self, **_: Any) -> None:
            raise OSError("the disk is full")

    one = ListClassifierPipeline(choosing(), options=["A"], audit_logger=Full())
    with pytest.raises(OSError, match="disk is full"):
        one.run("hello")
    safe = ListClassifierPipeline(choosing(), options=["A"], audit_logger=Full(), safe_mode=True)
    assert safe.run("hello").error == "OSError: the disk is full"


def test_spans_and_measurements() -> None:
    tracer, metrics = RecordingTracer(), RecordingMetrics()
    one = ListClassifierPipeline(
        ScriptedKit([json.dumps({"selected": "Biling"}), json.dumps({"selected": "?"})]),
        options=["Billing"],
        tracer=tracer,
        metrics=metrics,
        max_retries=0,
    )
    one.run("my secret")
    with pytest.raises(ResponseModelValidationError):
        asyncio.run(one.arun("my secret"))
    good, bad = tracer.spans
    assert (good.name, good.kind, good.attributes["racto.classifier.corrected"]) == (
        "classify", "internal", True,
    )  # fmt: skip
    assert isinstance(bad.error, ResponseModelValidationError)
    assert "my secret" not in repr([span.attributes for span in tracer.spans])
