"""Good replies made bad: the junk that is put into them, and where."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import strategies as st

LEAVES = [None, True, 0, 5, -1, 1.5, math.inf, math.nan, 10**400, "", "x", "9" * 5000]
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [*LEAVES, [], [[]], [None], ["x"], {}, {"a": [1]}]
) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.fixture(scope="session")
def mutated() -> Callable[..., st.SearchStrategy[Any]]:
    """Makes of a good value others, with one to three places replaced, or left out.

    Further junk may be given beside the good value.
    """
    return _mutated


@st.composite
def _mutated(draw: st.DrawFn, good: Any, *more: Any) -> Any:
    value = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 3))):
        places = [path for path in _paths(value) if path]
        if not places:
            break
        *inside, last = draw(st.sampled_from(places))
        holder = value
        for key in inside:
            holder = holder[key]
        if draw(st.sampled_from([True, True, True, False])):
            holder[last] = copy.deepcopy(draw(st.one_of(JUNK, *map(st.just, more))))
        else:
            del holder[last]
    return value


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the values are, those inside others included."""
    yield path
    inner = value.items() if isinstance(value, dict) else ()
    for key, each in enumerate(value) if isinstance(value, list) else inner:
        yield from _paths(each, (*path, key))
