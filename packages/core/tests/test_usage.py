"""Usage sums exactly, merges without loss, and reads like the reference's dictionary."""

from __future__ import annotations

from functools import reduce
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from racto.core import Usage, UsageState

BUCKETS = (
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
)
counts = st.integers(0, 10**6)
# Whole cents: sums of floats depend on their order, sums of these do not.
costs = st.none() | st.integers(0, 1000).map(float)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    facts: dict[str, Any] = {name: draw(counts) for name in BUCKETS[:-1]}
    facts["reasoning_tokens"] = draw(st.integers(0, facts["output_tokens"]))
    return Usage(**facts, cost=draw(costs), state=draw(st.sampled_from(UsageState)))


def buckets(usage: Usage) -> list[int]:
    return [getattr(usage, name) for name in BUCKETS]


@given(usages())
def test_buckets_are_disjoint_and_sum_to_the_total(usage: Usage) -> None:
    # Reasoning is the one bucket that is a part of another.
    assert usage.total_tokens == sum(buckets(usage)[:-1])
    assert usage.prompt_tokens + usage.completion_tokens == usage.total_tokens
    assert usage.reasoning_tokens <= usage.output_tokens


@given(usages(), usages())
def test_adding_loses_no_token(one: Usage, two: Usage) -> None:
    assert (one + two).total_tokens == one.total_tokens + two.total_tokens
    assert buckets(one + two) == [a + b for a, b in zip(buckets(one), buckets(two), strict=True)]


@given(usages(), usages(), usages())
def test_adding_is_associative_and_commutative(one: Usage, two: Usage, three: Usage) -> None:
    assert (one + two) + three == one + (two + three)
    assert one + two == two + one


@given(usages())
def test_nothing_is_neutral(usage: Usage) -> None:
    assert usage + Usage.nothing() == usage
    assert Usage.nothing() + usage == usage
    assert sum([usage, usage], Usage.nothing()) == usage + usage


@pytest.mark.parametrize(
    ("one", "two", "total"),
    [
        ("measured", "measured", "measured"),
        ("measured", "unknown", "partial"),
        ("measured", "partial", "partial"),
        ("unknown", "partial", "partial"),
        ("unknown", "unknown", "unknown"),
        ("partial", "partial", "partial"),
    ],
)
def test_a_part_that_is_not_measured_makes_the_sum_partial(one: str, two: str, total: str) -> None:
    left = Usage(input_tokens=1, state=UsageState(one))
    right = Usage(input_tokens=1, state=UsageState(two))
    assert (left + right).state == total


def test_one_unknown_price_makes_the_sums_price_unknown() -> None:
    known = Usage(input_tokens=1, cost=1.0)
    assert (known + Usage(input_tokens=1)).cost is None
    assert (known + known).cost == 2.0
    assert (known + Usage(input_tokens=1, cost=1.0, currency="EUR")).cost is None
    # A call that failed before it cost anything leaves the price known.
    assert (known + Usage.nothing()).cost == 1.0


@given(usages(), usages())
def test_merging_never_shrinks_a_count_or_a_cost(one: Usage, two: Usage) -> None:
    merged = one.merge(two)
    for mine, first, second in zip(buckets(merged), buckets(one), buckets(two), strict=True):
        assert mine == max(first, second)
    known = [usage.cost for usage in (one, two) if usage.cost is not None]
    assert merged.cost == max(known, default=None)


@given(usages(), usages(), usages())
def test_merging_is_idempotent_commutative_and_associative(
    one: Usage, two: Usage, three: Usage
) -> None:
    assert one.merge(one) == one
    assert one.merge(two) == two.merge(one)
    assert one.merge(two).merge(three) == one.merge(two.merge(three))


@given(st.lists(usages(), max_size=4))
def test_reports_without_numbers_change_nothing(reports: list[Usage]) -> None:
    with_blanks = [item for usage in reports for item in (Usage(), usage, Usage())]
    merge = Usage.merge
    assert reduce(merge, with_blanks, Usage()) == reduce(merge, reports, Usage())


def test_the_two_reports_of_a_stream_make_one_measurement() -> None:
    start = Usage(input_tokens=10, output_tokens=1, state=UsageState.PARTIAL)
    end = Usage(output_tokens=42, state=UsageState.MEASURED)
    merged = start.merge(end)
    assert (merged.input_tokens, merged.output_tokens) == (10, 42)
    assert merged.state is UsageState.MEASURED


def test_counts_that_are_given_are_measured_and_none_are_unknown() -> None:
    assert Usage(output_tokens=1).state is UsageState.MEASURED
    assert Usage().state is UsageState.UNKNOWN
    assert Usage(output_tokens=1, state=UsageState.PARTIAL).state is UsageState.PARTIAL
    assert Usage.nothing().state is UsageState.MEASURED


@pytest.mark.parametrize(
    "wrong",
    [{"input_tokens": -1}, {"reasoning_tokens": 1}, {"tokens": 1}, {"output_tokens": 1.5}],
)
def test_impossible_reports_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Usage(**wrong)


@given(usages())
def test_it_reads_like_the_references_dictionary(usage: Usage) -> None:
    assert usage["prompt_tokens"] == usage.prompt_tokens
    assert usage["completion_tokens"] == usage.completion_tokens
    assert usage.get("total_tokens") == usage.total_tokens
    assert usage.get("reasoning_tokens", 0) == usage.reasoning_tokens
    assert usage.get("nonsense") is None
    assert usage.get("nonsense", 7) == 7
    assert "total_tokens" in usage
    assert "cost" not in usage
    assert dict(**usage) == dict(usage.items())
    with pytest.raises(KeyError, match="cost"):
        usage["cost"]


@given(usages())
def test_it_survives_json_and_is_frozen(usage: Usage) -> None:
    assert Usage.model_validate_json(usage.model_dump_json()) == usage
    with pytest.raises(ValidationError, match="frozen"):
        usage.input_tokens = 1


def test_it_adds_to_usages_only() -> None:
    with pytest.raises(TypeError):
        Usage() + 1  # type: ignore[operator]
