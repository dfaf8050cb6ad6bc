"""A copy shares nothing that can be changed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel, PrivateAttr

from racto.cache.copies import DEEPEST, own, weight
from racto.core import TextPart, ToolCallPart
from racto.core.errors import InvalidResponseError

data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)


def containers(value: Any) -> list[int]:
    if isinstance(value, dict):
        return [id(value), *(each for inner in value.values() for each in containers(inner))]
    if isinstance(value, list):
        return [id(value), *(each for inner in value for each in containers(inner))]
    return []


@given(data)
def test_a_copy_is_equal_and_shares_no_container(value: Any) -> None:
    copy = own(value)
    assert copy == value
    assert not set(containers(copy)) & set(containers(value))
    assert weight(copy) > 0


def test_what_cannot_be_changed_is_shared() -> None:
    for value in ("a", 1, b"x", (1, ("a",)), frozenset({1}), date(2026, 1, 1), TextPart(text="a")):
        assert own(value) is value
    parts = (TextPart(text="a"), TextPart(text="b"))
    assert own(parts) is parts


def test_a_frozen_model_with_a_dictionary_is_copied() -> None:
    call = ToolCallPart(name="t", arguments={"a": [1]})
    twin = own((call,))[0]
    assert twin == call
    twin.arguments["a"].append(2)
    assert call.arguments == {"a": [1]}
    cited = TextPart(text="a", citations=({"url": "u"},))
    own(cited).citations[0]["url"] = "other"
    assert cited.citations == ({"url": "u"},)


def test_a_model_that_can_be_changed_is_copied() -> None:
    class Note(BaseModel):
        text: str

    note = Note(text="a")
    assert own(note) == note
    assert own(note) is not note
    assert own({1, 2}) == {1, 2}


def test_what_cannot_be_copied_is_refused() -> None:
    with pytest.raises(InvalidResponseError, match="an object of object"):
        own({"a": [object()]})
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(InvalidResponseError, match=f"deeper than {DEEPEST}"):
        own(circle)


def test_weight_grows_with_what_is_held() -> None:
    assert weight({"a": "x" * 1000}) - weight({"a": ""}) == 1000
    assert weight([TextPart(text="x" * 1000)]) > 1000


class Open(BaseModel):
    """Holds more than its fields."""

    model_config = {"extra": "allow", "frozen": True}

    _secret: list[int] = PrivateAttr(default_factory=list)


def test_what_a_model_holds_beside_its_fields_is_copied_too() -> None:
    first = Open.model_validate({"more": [1]})
    first._secret.append(1)
    second = own(first)
    assert second == first
    second.more.append(2)
    second._secret.append(2)
    assert (first.model_extra, first._secret) == ({"more": [1]}, [1])
