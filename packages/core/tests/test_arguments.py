"""Arguments are validated as JSON before a function runs, and laid out as its call."""

from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings, strategies as st
from pydantic import BaseModel, Field

from racto.core.arguments import FunctionArguments
from racto.core.errors import SchemaError, ToolArgumentsError
from racto.core.signatures import Injected


class Currency(enum.Enum):
    EUR = "eur"
    USD = "usd"


class Address(BaseModel):
    street: str
    number: int | None = None


class Session:
    pass


SENTINEL = object()


def pay(
    amount: int,
    to: Address,
    currency: Currency = Currency.EUR,
    tags: list[Literal["rent", "food"]] | None = None,
    rate: float = 1.0,
    due: date | None = None,
    note: Any = SENTINEL,
) -> Any:
    """Pay somebody.

    Args:
        amount: How much, in cents.
        to: Who gets it.
        tags: What it is for.
    """
    return amount, to, currency, tags, rate, due, note


PAY = FunctionArguments(pay)
HOME = {"street": "Elm"}


def test_the_schema_is_whole() -> None:
    schema = PAY.json_schema
    properties = schema["properties"]
    assert schema["required"] == ["amount", "to"]
    assert schema["additionalProperties"] is False
    assert properties["amount"] == {"type": "integer", "description": "How much, in cents."}
    assert properties["to"] == {"$ref": "#/$defs/Address", "description": "Who gets it."}
    assert properties["currency"] == {"$ref": "#/$defs/Currency", "default": "eur"}
    assert properties["tags"]["anyOf"][0]["items"] == {"enum": ["rent", "food"], "type": "string"}
    assert properties["tags"]["anyOf"][1] == {"type": "null"}
    assert properties["rate"] == {"type": "number", "default": 1.0}
    assert properties["due"]["anyOf"][0] == {"format": "date", "type": "string"}
    assert properties["note"] == {}
    assert schema["$defs"]["Address"]["required"] == ["street"]


def test_values_become_python_values_and_defaults_stay_the_functions_own() -> None:
    values = PAY.validate(
        {"amount": 5, "to": HOME, "currency": "usd", "rate": 2, "due": "2026-01-02"}
    )
    assert values == {
        "amount": 5,
        "to": Address(street="Elm"),
        "currency": Currency.USD,
        "rate": 2.0,
        "due": date(2026, 1, 2),
    }
    bound = PAY.bind(values)
    assert pay(*bound.args, **bound.kwargs)[-1] is SENTINEL


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"amount": "12"}, 'amount: Input should be a valid integer, got "12"'),
        ({"amount": True}, "amount: Input should be a valid integer, got true"),
        ({"amount": 1.5}, "amount: Input should be a valid integer, got 1.5"),
        ({"rate": "1"}, 'rate: Input should be a valid number, got "1"'),
        ({"currency": "gbp"}, "currency: Input should be 'eur' or 'usd', got \"gbp\""),
        ({"to": {"street": 3}}, "to.street: Input should be a valid string, got 3"),
        ({"tags": ["rent", "x"]}, "tags[1]: Input should be 'rent' or 'food', got \"x\""),
        ({"amuont": 1}, "amuont: no such parameter; did you mean 'amount'?"),
    ],
)
def test_unfit_arguments_are_refused(wrong: dict[str, Any], problem: str) -> None:
    with pytest.raises(ToolArgumentsError) as caught:
        PAY.validate({"amount": 5, "to": HOME, **wrong}, tool="pay_now")
    assert caught.value.problems == (problem,)
    assert "'pay_now'" in str(caught.value)
    assert problem in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ToolArgumentsError) as caught:
        PAY.validate({"rate": "x"})
    assert caught.value.problems == (
        "amount: required, but missing",
        "to: required, but missing",
        'rate: Input should be a valid number, got "x"',
    )


def test_a_whole_float_is_an_integer_as_in_json_schema() -> None:
    values = PAY.validate({"amount": 5.0, "to": {"street": "Elm", "number": 4.0}, "rate": 2.5})
    assert values["amount"] == 5
    assert type(values["amount"]) is int
    assert values["to"].number == 4
    assert values["rate"] == 2.5


@pytest.mark.parametrize("bad", [{"amount": {1}}, {"amount": object()}, {"amount": "\ud800"}])
def test_what_is_not_json_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ToolArgumentsError):
        PAY.validate({"to": HOME, **bad})


def test_names_that_clash_with_pydantic_are_parameters_like_others() -> None:
    def odd(schema: str, model_config: int, copy: bool, _hidden: int = 1) -> Any:
        return schema, model_config, copy, _hidden

    arguments = FunctionArguments(odd)
    values = arguments.validate({"schema": "s", "model_config": 1, "copy": True, "_hidden": 2})
    bound = arguments.bind(values)
    assert odd(*bound.args, **bound.kwargs) == ("s", 1, True, 2)
    assert list(arguments.json_schema["properties"]) == [
        "schema",
        "model_config",
        "copy",
        "_hidden",
    ]


def test_stars_are_no_parameters_and_keywords_allow_further_properties() -> None:
    def gather(first: int, *rest: int, **options: bool) -> Any:
        return first, rest, options

    arguments = FunctionArguments(gather)
    assert list(arguments.json_schema["properties"]) == ["first"]
    assert arguments.json_schema["additionalProperties"] == {"type": "boolean"}
    bound = arguments.bind(arguments.validate({"first": 1, "deep": True}))
    assert gather(*bound.args, **bound.kwargs) == (1, (), {"deep": True})
    with pytest.raises(ToolArgumentsError, match="deep"):
        arguments.validate({"first": 1, "deep": "yes"})


def test_positional_only_parameters() -> None:
    def area(a: int, b: int = 2, c: int = 3, /, *, unit: str = "m") -> Any:
        return a, b, c, unit

    arguments = FunctionArguments(area)
    bound = arguments.bind(arguments.validate({"a": 1, "c": 5, "unit": "km"}))
    assert area(*bound.args, **bound.kwargs) == (1, 2, 5, "km")


def test_field_marks_and_their_descriptions() -> None:
    def search(
        text: Annotated[str, Field(min_length=2, description="From the mark.")],
        limit: int = Field(default=5, le=10),
    ) -> Any:
        """Search.

        Args:
            text: From the docstring.
            limit: Most hits.
        """
        return text, limit

    arguments = FunctionArguments(search)
    properties = arguments.json_schema["properties"]
    assert properties["text"]["description"] == "From the mark."
    assert properties["text"]["minLength"] == 2
    assert properties["limit"] == {
        "default": 5,
        "maximum": 10,
        "type": "integer",
        "description": "Most hits.",
    }
    assert arguments.json_schema["required"] == ["text"]
    assert arguments.validate({"text": "ab"}) == {"text": "ab", "limit": 5}


def test_injected_parameters_are_not_in_the_schema() -> None:
    def use(session: Injected[Session], x: int) -> None:
        """Never called."""

    arguments = FunctionArguments(use)
    assert list(arguments.json_schema["properties"]) == ["x"]
    assert arguments.injected == {"session": Session}
    with pytest.raises(ToolArgumentsError, match="session"):
        arguments.validate({"x": 1, "session": "mine"})


def test_further_keywords_cannot_smuggle_in_an_injected_value() -> None:
    def use(session: Injected[Session | None] = None, **options: Any) -> Any:
        return session, options

    arguments = FunctionArguments(use)
    assert arguments.validate({"deep": 1}) == {"deep": 1}
    with pytest.raises(ToolArgumentsError, match="session: no such parameter"):
        arguments.validate({"session": "mine"})


@pytest.mark.parametrize("kind", [Session, Callable[[int], int], complex | Session])
def test_what_json_cannot_carry_is_refused_with_both_names(kind: Any) -> None:
    def use(fine: int, bad: Any) -> None:
        """Never called."""

    use.__annotations__["bad"] = kind
    with pytest.raises(SchemaError, match=r"use\(\): parameter 'bad'"):
        FunctionArguments(use)


JSON_SCALARS = {int: st.integers(), bool: st.booleans(), str: st.text(), type(None): st.none()}


@settings(deadline=None)
@given(st.data())
def test_scalars_pass_only_for_their_own_type(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([int, bool, str]))
    other = data.draw(st.sampled_from(list(JSON_SCALARS)))
    value = data.draw(JSON_SCALARS[other])

    def take(x: Any) -> Any:
        return x

    take.__annotations__["x"] = kind
    arguments = FunctionArguments(take)
    if other is kind:
        assert arguments.validate({"x": value}) == {"x": value}
    else:
        with pytest.raises(ToolArgumentsError):
            arguments.validate({"x": value})
