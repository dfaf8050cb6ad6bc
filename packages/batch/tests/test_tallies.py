"""Sums equal those of the usages themselves."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given, strategies as st

from racto.batch import BatchResult, ItemStatus
from racto.batch.jobs import BatchStatus
from racto.batch.manifest import PartEnd
from racto.batch.tallies import Tally
from racto.core import LLMResponse, Usage, UsageState

USAGES = st.builds(
    Usage,
    input_tokens=st.integers(0, 9),
    cache_read_tokens=st.integers(0, 9),
    output_tokens=st.integers(0, 9),
    cost=st.none() | st.integers(0, 5).map(float),
    state=st.sampled_from([UsageState.MEASURED, UsageState.UNKNOWN]),
)


@given(st.lists(USAGES, max_size=6))
def test_a_tally_is_a_sum(usages: list[Usage]) -> None:
    tally = Tally()
    for usage in usages:
        tally.add(BatchResult(custom_id="a", response=LLMResponse(usage=usage)))
    expected = reduce(lambda one, two: one + two, usages, Usage.nothing())
    found = tally.summary("j", {}).usage
    assert found.model_dump(exclude={"state"}) == expected.model_dump(exclude={"state"})


def test_currencies_do_not_add_up() -> None:
    tally = Tally()
    for currency in ("USD", "EUR"):
        usage = Usage(input_tokens=1, cost=1.0, currency=currency)
        tally.add(BatchResult(custom_id="a", response=LLMResponse(usage=usage)))
    assert tally.summary("j", {}).usage.cost is None


def test_items_are_counted_by_how_they_ended_and_strays_are_told() -> None:
    tally = Tally()
    tally.add(BatchResult(custom_id="a", response=LLMResponse()))
    tally.add(BatchResult(custom_id="b", error="x", status=ItemStatus.MISSING))
    end = PartEnd(status=BatchStatus.COMPLETED, strays=3, notes=("line 4",))
    summary = tally.summary("j", {0: end, 1: end})
    assert summary.counts == {ItemStatus.ANSWERED: 1, ItemStatus.MISSING: 1}
    assert (summary.strays, summary.first_strays) == (6, ("line 4", "line 4"))
    assert summary.usage.cost == pytest.approx(0.0) or summary.usage.cost is None
