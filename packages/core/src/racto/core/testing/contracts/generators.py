"""Hypothesis strategies for texts, metadata and filters, and how many of them a law tries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings, strategies as st

F = TypeVar("F", bound=Callable[..., Any])


def examples(count: int) -> Callable[[F], F]:
    """Settings of a law with generated data.

    Derandomised: a law gives the same verdict on the same code every time, so that neither a
    build nor a declared gap depends on luck. Nothing is written to disk.

    Args:
        count: How many cases to try.
    """
    decorate: Callable[[F], F] = settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    return decorate


# NUL is left to a law of its own: PostgreSQL cannot store it, and a gap should say just that.
LETTERS = st.characters(codec="utf-8", exclude_characters="\x00")
NUMBERS = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
)
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text(LETTERS, max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(LETTERS, min_size=1, max_size=8), inner, max_size=3),
    ),
    max_leaves=8,
)
METADATA = st.dictionaries(st.text(LETTERS, min_size=1, max_size=8), JSON_VALUES, max_size=4)
"""Free facts as JSON can hold them."""

TEXTS = st.one_of(
    st.text(max_size=400),
    st.lists(
        st.sampled_from(
            ["word", "two words", "Ünïcödé", "end. ", "\n", "\n\n", "\r\n", "\t", " ", "# Title\n",
             "。", "日本語のテキスト", "e\u0301", "👩‍👩‍👧", "\u2028", "a" * 120, "```\ncode\n```\n",
             "| a | b |\n", "\ufeff", "\u00a0", "Mr. Smith paid $3.50! ", "- item\n"]
        ),
        max_size=60,
    ).map("".join),
)  # fmt: skip
"""Arbitrary Unicode, and text with the structures that chunkers look for."""

# Few keys and few values, so that conditions are met about as often as not.
_SCALARS = st.sampled_from(["en", "de", "", "1", 0, 1, 3, 0.5, 1.0, True, False, None])
_VALUES = st.one_of(_SCALARS, st.lists(_SCALARS, max_size=3))
_KEYS = st.sampled_from(["lang", "level", "tags", "score", "deep.level", "nowhere", "page"])
_ORDERED = st.sampled_from(["en", "de", "", "1", 0, 1, 3, 0.5])

FACTS = st.fixed_dictionaries(
    {},
    optional={
        "lang": _VALUES,
        "level": _VALUES,
        "tags": st.lists(_SCALARS, max_size=3),
        "score": _VALUES,
        "deep": st.dictionaries(st.just("level"), _VALUES, max_size=1),
    },
)
"""Free facts of one chunk, over the keys that :data:`FILTERS` asks for."""

_CONDITIONS = st.one_of(
    st.fixed_dictionaries({"$eq": _VALUES}),
    st.fixed_dictionaries({"$ne": _VALUES}),
    st.fixed_dictionaries({"$in": st.lists(_SCALARS, max_size=3)}),
    st.fixed_dictionaries({"$nin": st.lists(_SCALARS, max_size=3)}),
    st.fixed_dictionaries({"$exists": st.booleans()}),
    *[st.fixed_dictionaries({name: _ORDERED}) for name in ("$gt", "$gte", "$lt", "$lte")],
)
_LEAVES = st.one_of(
    st.dictionaries(_KEYS, _VALUES, min_size=1, max_size=2),
    st.dictionaries(_KEYS, _CONDITIONS, min_size=1, max_size=2),
    st.dictionaries(_KEYS, st.fixed_dictionaries({"$not": _CONDITIONS}), min_size=1, max_size=1),
)
FILTERS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"$and": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"$or": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"$not": inner}),
    ),
    max_leaves=4,
)
"""Filters of the whole grammar, over the keys of :data:`FACTS`."""

EDGE_KEYS = ("a", "b", "a.b", 'qu"ote', "page", "chunk_index", "start_char", "sec tion", "*", "a\\b",
             "x[]", "\ud800", "日本")  # fmt: skip
"""Keys that engines take for paths, quotes or their own fields, and ones beyond UTF-8."""

EDGE_DAYS = (date(2024, 2, 29), date(2026, 11, 30))
"""Dates, one of them the day of some of :data:`EDGE_TIMES`."""

EDGE_TIMES = (
    datetime(2026, 11, 30, 12, 0, 0, 7),
    datetime(2026, 11, 30, 12, tzinfo=UTC),
    datetime(2026, 11, 30, 13, tzinfo=timezone(timedelta(hours=1))),
    datetime(2500, 1, 1),
    datetime(1, 1, 2, tzinfo=UTC),
)
"""Times with a zone and without, two of them the same moment."""

EDGE_SCALARS = st.sampled_from(
    [None, True, False, 0, 1, 1.0, 1.5, -3, 2**53, 2**53 + 1, 10**30, float("inf"), float("-inf"),
     float("nan"), "", "a", "1", "b" * 2000, "\ud800", *EDGE_DAYS, *EDGE_TIMES]
)  # fmt: skip
"""Values at the borders of what engines can hold and compare."""

_EDGE_ITEMS = st.one_of(EDGE_SCALARS, st.lists(EDGE_SCALARS, max_size=2))
_EDGE_VALUES = st.one_of(
    _EDGE_ITEMS, st.lists(_EDGE_ITEMS, max_size=2), st.dictionaries(st.just("b"), _EDGE_ITEMS)
)
EDGE_FACTS = st.dictionaries(st.sampled_from(EDGE_KEYS), _EDGE_VALUES, max_size=3)
"""Free facts of one chunk, over :data:`EDGE_KEYS`: scalars, lists in lists, mappings."""

_EDGE_ORDERED = EDGE_SCALARS.filter(lambda value: value is not None and type(value) is not bool)
_EDGE_CONDITIONS = st.one_of(
    *[st.fixed_dictionaries({name: _EDGE_ITEMS}) for name in ("$eq", "$ne")],
    *[st.fixed_dictionaries({name: _EDGE_ORDERED}) for name in ("$gt", "$gte", "$lt", "$lte")],
    *[
        st.fixed_dictionaries({name: st.lists(EDGE_SCALARS, max_size=3)})
        for name in ("$in", "$nin")
    ],
    st.fixed_dictionaries({"$exists": st.booleans()}),
)
EDGE_FILTERS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.dictionaries(st.sampled_from(EDGE_KEYS), _EDGE_CONDITIONS, min_size=1, max_size=1),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"$and": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"$or": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"$not": inner}),
    ),
    max_leaves=3,
)
"""Filters of the whole grammar, over the keys and values of :data:`EDGE_FACTS`."""
