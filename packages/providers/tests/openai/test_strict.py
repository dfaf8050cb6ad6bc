"""Schemas for strict mode: closed, complete, and honest about what they cannot say."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from racto.core.schemas import type_schema
from racto.providers.openai.strict import strict_model_schema, strict_schema


class Color(Enum):
    RED = "red"


class Leaf(BaseModel):
    kind: Literal["leaf"]
    value: int = Field(ge=0, le=9)


class Branch(BaseModel):
    kind: Literal["branch"]
    inner: list[Annotated[Leaf | Branch, Field(discriminator="kind")]]


class Words(BaseModel):
    """A model whose fields are called like keywords."""

    title: str
    format: str = "plain"
    default: int = 3
    pattern: str | None = None
    properties: list[str] = []
    items: Color = Color.RED


class Linked(BaseModel):
    name: str
    next: Linked | None = None


def test_fields_called_like_keywords_survive() -> None:
    made = strict_model_schema(Words)
    assert made.losses == ()
    names = ["title", "format", "default", "pattern", "properties", "items"]
    assert list(made.schema["properties"]) == names
    assert made.schema["required"] == names
    assert made.schema["additionalProperties"] is False
    assert "default" not in made.schema["properties"]["format"]


def test_the_schema_given_is_not_modified() -> None:
    schema = type_schema(Words)
    before = repr(schema)
    strict_schema(schema)
    assert repr(schema) == before


def test_unions_become_any_of_and_recursion_stays() -> None:
    made = strict_model_schema(Branch)
    assert made.losses == ()
    text = repr(made.schema)
    assert "oneOf" not in text
    assert "discriminator" not in text
    assert "anyOf" in text
    assert strict_model_schema(Linked).schema["type"] == "object"
    assert strict_model_schema(Linked).losses == ()


def test_limits_that_are_not_enforced_are_told_in_words() -> None:
    class Name(BaseModel):
        name: str = Field(min_length=2, max_length=5, description="A name.")
        code: str = Field(pattern="^x")

    made = strict_model_schema(Name)
    assert made.losses == ()
    said = made.schema["properties"]["name"]
    assert said == {
        "type": "string",
        "description": "A name. (at least 2 characters, at most 5 characters)",
    }
    assert made.schema["properties"]["code"]["pattern"] == "^x"


@pytest.mark.parametrize(
    ("annotation", "told"),
    [
        (dict[str, int], "keys of any name"),
        (Any, "any type"),
        (tuple[int, str], "prefixItems"),
        (list[Any], "[]"),
        (list, "any"),
    ],
)
def test_what_cannot_be_said_is_reported_with_its_place(annotation: Any, told: str) -> None:
    schema = {
        "type": "object",
        "properties": {"field": type_schema(annotation)},
    }
    (loss, *_rest) = strict_schema(schema).losses
    assert loss.startswith("$.field")
    assert told in loss


def test_a_root_that_is_no_object_is_a_loss() -> None:
    assert "root" in strict_schema(type_schema(list[int])).losses[-1]


class Deep(BaseModel):
    other: Deep = Field(description="the other one")
    color: Color = Field(description="its color")


def test_a_described_reference_keeps_its_words_and_ends() -> None:
    made = strict_model_schema(Deep)
    assert made.losses == ()
    assert made.schema["properties"]["other"] == {
        "anyOf": [{"$ref": "#/$defs/Deep"}],
        "description": "the other one",
    }


def test_types_that_refer_to_each_other_do_not_double() -> None:
    field = {"$ref": "#/$defs/D0", "description": "x"}
    defs = {
        f"D{n}": {
            "type": "object",
            "properties": {
                side: {"$ref": f"#/$defs/D{n + 1}", "description": side} for side in "ab"
            },
        }
        for n in range(40)
    } | {"D40": {"type": "string"}}
    made = strict_schema({"type": "object", "properties": {"x": field}, "$defs": defs})
    assert len(repr(made.schema)) < 20_000
