"""Hypothesis strategies for texts, metadata and filters, and how many of them a law tries."""

from __future__ import annotations

from collections.abc import Callable
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
