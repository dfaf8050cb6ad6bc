"""Equal values share a text, different values never do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel

from racto.cache.encodings import DEEPEST, encoded
from racto.core import Message, ToolRegistry, ToolSchema
from racto.core.errors import ConfigurationError

leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.binary(max_size=8)
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


def told(value: Any) -> Any:
    """A form of a value that Python compares as the key should."""
    if isinstance(value, dict):
        return ("dict", frozenset((key, told(each)) for key, each in value.items()))
    if isinstance(value, list):
        return ("list", tuple(told(each) for each in value))
    if isinstance(value, float):
        return ("float", "nan" if math.isnan(value) else value)
    return (type(value).__name__, value)


@given(values, values)
def test_texts_are_equal_as_values_are(one: Any, two: Any) -> None:
    assert (encoded(one) == encoded(two)) == (told(one) == told(two))


@given(st.lists(st.text(max_size=3), max_size=4), st.lists(st.text(max_size=3), max_size=4))
def test_neighbours_do_not_run_into_each_other(one: list[str], two: list[str]) -> None:
    assert (encoded(one) == encoded(two)) == (one == two)


@given(st.dictionaries(st.text(max_size=4), leaves))
def test_the_order_of_a_dictionary_does_not_count(table: dict[str, Any]) -> None:
    back = dict(reversed(table.items()))
    assert encoded(back) == encoded(table) == encoded(MappingProxyType(table))


def test_numbers_of_three_kinds() -> None:
    assert len({encoded(each) for each in (True, 1, 1.0, "1", b"1")}) == 5
    assert encoded(-0.0) == encoded(0.0)
    assert encoded(float("nan")) == encoded(-float("nan"))
    assert encoded(10**5000) != encoded(10**5000 + 1)


def test_long_texts_stand_by_their_digest() -> None:
    assert len(encoded("x" * 100_000)) < 100
    assert encoded("x" * 100_000) != encoded("x" * 99_999 + "y")
    # The text of a digest is no digest.
    assert encoded(encoded("x" * 100_000)) != encoded("x" * 100_000)


class Tone(Enum):
    DRY = "dry"


class Size(int):
    pass


@dataclass
class Point:
    x: int


class Shape(BaseModel):
    name: str
    sides: int | None = None


def test_kinds_of_the_standard_library() -> None:
    assert encoded({3, 1, 2}) == encoded(frozenset({2, 3, 1})) != encoded([1, 2, 3])
    assert encoded((1, 2)) == encoded([1, 2])
    assert encoded(Tone.DRY) == encoded("dry")
    assert encoded(Size(4)) == encoded(4)
    assert encoded(date(2026, 1, 2)) != encoded("2026-01-02")
    assert encoded(Decimal("1.0")) != encoded(Decimal("1.00"))
    assert encoded(Point(1)) != encoded(Point(2))
    assert encoded(Shape(name="a")) != encoded(Shape(name="a", sides=3))
    assert encoded(bytearray(b"a")) == encoded(b"a")


def test_classes_stand_by_their_schema() -> None:
    class Wider(Shape):
        colour: str = ""

    assert encoded(Shape) == encoded(Shape) != encoded(Wider)
    with pytest.raises(ConfigurationError, match="the class Tone has no key"):
        encoded(Tone)


def test_tools_stand_by_what_models_are_told() -> None:
    one, two = (ToolSchema(name="t", title=title, json_schema={}) for title in ("a", "b"))
    assert encoded(one) == encoded(two)
    other = ToolSchema(name="t", json_schema={"type": "object"})
    assert encoded(one) != encoded(other)
    registry = ToolRegistry()
    registry.add(one, len)
    assert encoded(registry) != encoded(ToolRegistry())


def test_messages_tell_all_they_say() -> None:
    said = [
        Message.user("a"),
        Message.system("a"),
        Message.user("b"),
        Message(role=Message.user("a").role, content="a", name="ann"),
        Message(role=Message.user("a").role, content=Message.user("a").parts),
    ]
    assert len({encoded(each) for each in said}) == len(said)


def test_what_has_no_end_is_refused() -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(ConfigurationError, match=f"deeper than {DEEPEST}"):
        encoded(circle)
    with pytest.raises(ConfigurationError, match="class object has no key"):
        encoded(object())
