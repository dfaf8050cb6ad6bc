"""Counts are read for what they are, and what is none is neither fatal nor a zero."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core.usage import UsageState
from racto.providers.counts import Counts, add_report, count

NO_COUNTS: list[Any] = [
    None,
    True,
    "7",
    "",
    -1,
    -0.5,
    math.inf,
    -math.inf,
    math.nan,
    10**12,
    10**400,
    [],
    {},
]


@pytest.mark.parametrize("value", NO_COUNTS)
def test_what_is_no_count(value: Any) -> None:
    assert count(value) is None


@given(st.integers(0, 10**12 - 1))
def test_every_count_is_read_as_it_is(value: int) -> None:
    assert count(value) == value == count(float(value))


@pytest.mark.parametrize("report", [None, 5, "x", [], {}, {"more": 3}, {"a": None}, {"a": "7"}])
def test_a_report_without_counts_is_unknown(report: Any) -> None:
    counts = Counts(report)
    assert (counts.read("a"), counts.state("a")) == (0, UsageState.UNKNOWN)


@pytest.mark.parametrize(
    ("report", "state"),
    [
        ({"a": 1, "b": 0}, UsageState.MEASURED),
        ({"a": 1, "b": 0, "c": None}, UsageState.MEASURED),
        ({"a": 1, "b": 0, "other": "x"}, UsageState.MEASURED),
        ({"a": 1}, UsageState.PARTIAL),
        ({"a": 1, "b": "x"}, UsageState.PARTIAL),
        ({"a": 1, "b": 0, "c": -1}, UsageState.PARTIAL),
    ],
)
def test_what_a_report_lacks_makes_it_partial(report: Any, state: UsageState) -> None:
    counts = Counts(report)
    for name in ("a", "b", "c"):
        counts.read(name)
    assert counts.state("a", "b") is state


def test_counts_stand_in_objects_of_the_report() -> None:
    counts = Counts({"a": 1, "in": {"b": 2, "deep": {"c": 3}}, "odd": 5})
    assert counts.read("b", "in") == 2
    assert counts.read("c", "in", "deep") == 3
    assert counts.read("c", "odd") == counts.read("c", "none", "deep") == 0
    assert counts.state() is UsageState.MEASURED


def test_of_several_reports_the_larger_count_stands() -> None:
    sums: dict[str, Any] = {}
    for report in ({"a": 5, "b": "x", "c": 1}, {"a": 3, "b": 2}, None, 7, {"a": "x", "c": None}):
        add_report(sums, report)
    assert sums == {"a": 5, "b": 2, "c": 1}


def test_what_was_never_a_count_is_kept_so_that_the_sum_is_partial() -> None:
    sums: dict[str, Any] = {}
    add_report(sums, {"a": 1, "b": math.inf})
    counts = Counts(sums)
    assert (counts.read("a"), counts.read("b"), counts.state("a")) == (1, 0, UsageState.PARTIAL)
