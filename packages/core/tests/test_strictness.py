"""JSON data makes a model only as it is, never by coercion."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, Field

from racto.core.errors import ToolArgumentsError
from racto.core.strictness import arguments_error, validate_strictly


class Item(BaseModel):
    count: int
    label: str | None = None


class Order(BaseModel):
    items: list[Item]
    price: float = Field(default=1.0, alias="cost")


def test_nested_data_makes_the_model() -> None:
    order = validate_strictly(Order, {"items": [{"count": 1}], "cost": 2}, tool="order")
    assert order == Order(items=[Item(count=1)], cost=2.0)


def test_whole_floats_deep_inside() -> None:
    order = validate_strictly(Order, {"items": [{"count": 1.0}], "cost": 2.5}, tool="order")
    assert order.items[0].count == 1
    with pytest.raises(ToolArgumentsError, match=r"items\[0\].label: .*, got 5"):
        validate_strictly(Order, {"items": [{"count": 1.0, "label": 5}]}, tool="order")


@pytest.mark.parametrize("count", ["1", 1.5, True, None, [1], 1e300])
def test_no_coercion(count: Any) -> None:
    with pytest.raises(ToolArgumentsError, match=r"items\[0\].count"):
        validate_strictly(Order, {"items": [{"count": count}]}, tool="order")


def test_long_values_are_cut_in_the_message() -> None:
    with pytest.raises(ToolArgumentsError) as caught:
        validate_strictly(Order, {"items": "x" * 9999}, tool="order")
    assert len(caught.value.problems[0]) < 200


def test_the_message_tells_the_model_what_to_do() -> None:
    error = arguments_error("order", ["a: wrong", "b: wrong"])
    assert error.problems == ("a: wrong", "b: wrong")
    assert str(error).splitlines() == [
        "The arguments for tool 'order' do not fit its schema:",
        "- a: wrong",
        "- b: wrong",
        "Call the tool again with corrected arguments.",
    ]
