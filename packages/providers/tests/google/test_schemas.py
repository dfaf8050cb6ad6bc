"""Schemas keep what Gemini enforces, tell the rest in words, and name what is lost."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel, Field

from racto.providers.google.schemas import adapted_model_schema, adapted_schema


class Colour(enum.Enum):
    RED = "red"
    TWO = 2


class Leaf(BaseModel):
    size: Annotated[int, Field(gt=3, description="how large")]


class Tree(BaseModel):
    pattern: str = Field(pattern="^a+$", min_length=2)
    default: Literal["only"] = "only"
    flag: Literal[True]
    choice: Literal["a", 3, None]
    colour: Colour
    counts: dict[str, int]
    pair: tuple[int, str]
    leaf: Leaf = Field(default=Leaf(size=5), description="a leaf of its own")
    maybe: Leaf | None = None
    branches: list[Tree] = []
    when: dt.datetime
    lasting: dt.timedelta
    anything: Any


def tree() -> dict[str, Any]:
    adapted = adapted_model_schema(Tree)
    assert adapted.losses == ()
    found: dict[str, Any] = adapted.schema["$defs"]["Tree"]["properties"]
    return found


def test_what_gemini_enforces_stays() -> None:
    properties = tree()
    assert properties["counts"] == {"type": "object", "additionalProperties": {"type": "integer"}}
    assert properties["pair"]["prefixItems"] == [{"type": "integer"}, {"type": "string"}]
    assert properties["when"] == {"type": "string", "format": "date-time"}
    assert properties["maybe"]["anyOf"][1] == {"type": "null"}
    assert properties["branches"]["items"] == {"$ref": "#/$defs/Tree"}
    assert properties["anything"] == {}
    closed = {"type": "object", "additionalProperties": False}
    assert adapted_schema(closed).schema == closed


def test_what_it_does_not_check_is_told_in_words() -> None:
    properties = tree()
    assert properties["pattern"] == {
        "type": "string",
        "description": "(matching the regular expression ^a+$, at least 2 characters)",
    }
    assert properties["lasting"]["description"] == "(format duration)"
    leaf = adapted_model_schema(Tree).schema["$defs"]["Leaf"]["properties"]
    assert leaf["size"]["description"] == "how large (more than 3)"


def test_values_become_an_enum_of_text_and_numbers() -> None:
    properties = tree()
    assert properties["default"]["enum"] == ["only"]
    assert properties["flag"] == {"type": "boolean", "description": "(always true)"}
    assert properties["choice"] == {"anyOf": [{"enum": ["a", 3]}, {"type": "null"}]}
    assert adapted_model_schema(Tree).schema["$defs"]["Colour"]["enum"] == ["red", 2]
    assert adapted_schema({"enum": [1, 0]}).schema == {"enum": [1, 0]}
    assert adapted_schema({"enum": [True, False, None]}).schema == {
        "anyOf": [{"type": "boolean"}, {"type": "null"}]
    }


def test_a_reference_stands_alone() -> None:
    assert tree()["leaf"] == {
        "description": "a leaf of its own",
        "anyOf": [{"$ref": "#/$defs/Leaf"}],
    }


def test_names_are_never_taken_for_keywords() -> None:
    assert {"pattern", "default"} <= tree().keys()


class Chain(BaseModel):
    after: Chain


class Even(BaseModel):
    odd: list[Odd]


class Odd(BaseModel):
    even: Even


@pytest.mark.parametrize(
    ("model", "names"), [(Chain, {"Chain"}), (Even, {"Even", "Odd"}), (Tree, set())]
)
def test_a_recursion_that_cannot_end_is_a_loss(model: type[BaseModel], names: set[str]) -> None:
    losses = set(adapted_model_schema(model).losses)
    assert losses == {f"$defs.{name}: a recursion through required properties" for name in names}


@pytest.mark.parametrize(
    "word",
    ["not", "if", "patternProperties", "propertyNames", "contains", "dependentRequired"],
)
def test_what_cannot_be_expressed_is_named_with_its_place(word: str) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": {word: {}}}}}
    assert adapted_schema(schema).losses == (f"$.a[]: {word}",)


def test_an_enum_of_objects_is_a_loss() -> None:
    assert adapted_schema({"enum": [{"a": 1}]}).losses == ("$: an enum of arrays or objects",)


def test_all_of_one_is_that_one() -> None:
    assert adapted_schema({"allOf": [{"type": "string"}], "title": "t"}).schema == {
        "type": "string",
        "title": "t",
    }
    several = adapted_schema({"anyOf": [{"allOf": [{}, {}]}]})
    assert several.losses == ("$|0: allOf",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1, max_size=6), JSON, max_size=4))
def test_adapting_twice_changes_nothing_more(values: dict[str, Any]) -> None:
    schema = {
        "type": "object",
        "properties": {name: {"const": value} for name, value in values.items()},
        "required": list(values),
    }
    once = adapted_schema(schema)
    assert adapted_schema(once.schema).schema == once.schema
    assert schema["properties"] == {name: {"const": value} for name, value in values.items()}
