"""Fields of a reply are of the protocol's type, or an error says which one is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.providers.words import id_in, mended, name_in, objects_in, place_in, text_in

VALUES = st.recursive(
    st.none() | st.integers() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("read", "value", "found"),
    [
        (text_in, "a", "a"),
        (text_in, "\ud83d", "\ud83d"),
        (name_in, "a", "a"),
        (name_in, "a\ud83d", "a\ufffd"),
        (name_in, "", None),
        (id_in, "a", "a"),
        (id_in, 7, "7"),
        (id_in, 0, None),
        (place_in, 0, 0),
        (objects_in, [{"a": "\ud83d"}], ({"a": "\ufffd"},)),
    ],
)
def test_what_is_of_the_type(read: Callable[..., Any], value: Any, found: Any) -> None:
    assert read({"field": value}, "field") == found


@pytest.mark.parametrize(
    ("read", "nothing"),
    [(text_in, ""), (name_in, None), (id_in, None), (place_in, None), (objects_in, ())],
)
def test_what_is_missing_or_null(read: Callable[..., Any], nothing: Any) -> None:
    assert read({}, "field") == read({"field": None}, "field") == nothing


@pytest.mark.parametrize(
    ("read", "values"),
    [
        (text_in, [5, True, 1.5, ["a"], {}]),
        (name_in, [5, ["a"]]),
        (id_in, [True, 1.5, ["a"], {}]),
        (place_in, ["0", 1.5, [0]]),
        (objects_in, [{}, "a", [5], [{}, None]]),
    ],
)
def test_what_is_of_another_type_is_named(read: Callable[..., Any], values: list[Any]) -> None:
    for value in values:
        with pytest.raises(TypeError, match="field is no"):
            read({"field": value}, "field")


@given(VALUES)
def test_a_mended_value_can_be_sent(value: Any) -> None:
    whole = mended(value)
    json.dumps(whole, ensure_ascii=False).encode()
    assert mended(whole) == whole


@given(VALUES.filter(lambda value: "\\ud" not in json.dumps(value)))
def test_what_is_whole_is_not_touched(value: Any) -> None:
    assert mended(value) is value


def test_pairs_are_joined_and_halves_replaced() -> None:
    assert mended("\ud83d\ude00 \ude00") == "\U0001f600 \ufffd"
    assert mended({"a": ["\ud83d"], "\ud83d": 1}) == {"a": ["\ufffd"], "\ufffd": 1}
