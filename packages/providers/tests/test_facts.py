"""Prices are read strictly, and hold from their day on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from racto.core import ConfigurationError
from racto.providers import ModelFacts, Price


def test_a_price_reads_its_fields_and_those_of_long_inputs() -> None:
    price = Price.of(
        {"input": 1, "output": 4, "batch": 0.5, "above": {"tokens": 1000, "input": 2, "output": 6}}
    )
    assert (price.input, price.output, price.cache_read) == (1.0, 4.0, None)
    assert price.above_tokens == 1000
    assert price.above == Price(input=2.0, output=6.0, batch=0.5)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"input": "1"}, "price.input must be a number"),
        ({"input": -1}, "price.input"),
        ({"output": float("nan")}, "price.output"),
        ({"output": True}, "price.output"),
        ({"inptu": 1}, "unknown fields: inptu; known: input"),
        ({"above": {"input": 1}}, "price.above.tokens"),
        ({"above": 3}, "price.above must be an object"),
        ({"above": {"tokens": 1, "input": "x"}}, "price.above.input"),
        ({"since": "tomorrow"}, "price.since must be a day"),
        ([], "must be an object, not list"),
    ],
)
def test_a_mistake_in_a_price_is_told_with_its_place(data: Any, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        Price.of(data)


def test_a_price_holds_from_its_day_on() -> None:
    now, later = Price(input=1.0), Price(input=2.0, since="2027-01-01")
    facts = ModelFacts(provider="p", model="m", prices=(now, later))
    assert facts.price(date(2026, 12, 31)) is now
    assert facts.price(date(2027, 1, 1)) is later
    assert ModelFacts(provider="p", model="m", prices=(later,)).price(date(2026, 1, 1)) is None
