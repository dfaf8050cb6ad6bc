"""Results: good or not, and what they cost."""

from __future__ import annotations

from racto.batch import BatchResult, BatchSummary, ItemStatus
from racto.core import EmbeddingResponse, LLMResponse, RateLimitError, Usage


def test_a_reply_is_ok_and_an_error_is_not() -> None:
    assert BatchResult(custom_id="a", response=LLMResponse(content="x")).ok
    assert BatchResult(custom_id="a", embedding=EmbeddingResponse(vectors=[])).ok
    assert not BatchResult(custom_id="a").ok
    assert not BatchResult(custom_id="a", response=LLMResponse(content="x"), error="no").ok


def test_usage_is_the_replys_or_the_errors_or_nothing() -> None:
    used = Usage(input_tokens=3, cost=0.5)
    error = RateLimitError("slow down", usage=used)
    assert BatchResult(custom_id="a", response=LLMResponse(usage=used)).usage == used
    assert BatchResult(custom_id="a", error="x", failure=error).usage == used
    assert BatchResult(custom_id="a", error="x").usage == Usage.nothing()


def test_json_has_the_error_but_neither_raw_nor_exception() -> None:
    result = BatchResult(
        custom_id="a", error="x", failure=RateLimitError("x"), raw={"secret": 1}, error_type="E"
    )
    assert "secret" not in result.model_dump_json()
    assert BatchResult.model_validate_json(result.model_dump_json()).error_type == "E"


def test_a_summary_counts_all_but_the_answered_as_failed() -> None:
    counts = {ItemStatus.ANSWERED: 3, ItemStatus.EXPIRED: 2, ItemStatus.INVALID: 1}
    assert BatchSummary(job_id="j", counts=counts, usage=Usage.nothing()).failed == 3
