"""Schemas are whole: whatever a model may hold, the schema says, and it says nothing else."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from pydantic import BaseModel, Field, create_model

from racto.core.conformity import problems
from racto.core.errors import SchemaError
from racto.core.schemas import json_text, json_value, map_schema, schema_of


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Page(BaseModel):
    """A page."""

    number: int
    words: list[str] = []


class Book(BaseModel):
    """A book."""

    title: str
    format: Literal["print", "audio"] = "print"
    default: int = 3
    pages: list[Page]
    pattern: str | None = None


@dataclass
class Point:
    x: float
    y: float


def test_fields_named_like_keywords_survive() -> None:
    schema = schema_of(Book)
    assert list(schema["properties"]) == ["title", "format", "default", "pages", "pattern"]
    assert schema["properties"]["title"] == {"type": "string"}
    assert schema["properties"]["pages"]["items"] == {"$ref": "#/$defs/Page"}
    assert schema["$defs"]["Page"]["properties"]["words"]["items"] == {"type": "string"}
    assert "title" not in schema
    assert "title" not in schema["$defs"]["Page"]


def test_explicit_titles_stay() -> None:
    class Titled(BaseModel):
        x: int = Field(title="The X")

    assert schema_of(Titled)["properties"]["x"]["title"] == "The X"


def test_types_functions_and_serialization() -> None:
    assert schema_of(list[Point])["items"] == {"$ref": "#/$defs/Point"}
    assert schema_of(Decimal, mode="serialization")["type"] == "string"

    def paint(colour: Colour, at: Point) -> None:
        """Never called."""

    schema = schema_of(paint)
    assert schema["$defs"]["Colour"]["enum"] == ["red", "blue"]
    assert schema["required"] == ["colour", "at"]


def test_what_has_no_schema_says_so() -> None:
    with pytest.raises(SchemaError, match="object"):
        schema_of(object())


def test_map_schema_tells_keywords_from_names() -> None:
    def strip(schema: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in schema.items() if key not in ("format", "default")}

    before = schema_of(Book)
    kept = json.dumps(before)
    after = map_schema(before, strip)
    assert list(after["properties"]) == ["title", "format", "default", "pages", "pattern"]
    assert "default" not in after["properties"]["format"]
    assert json.dumps(before) == kept


def test_json_value() -> None:
    assert json_value(Point(1, 2)) == {"x": 1, "y": 2}
    assert json_value({Colour.RED, Colour.RED}) == ["red"]
    assert json_value(date(2026, 1, 2)) == "2026-01-02"
    assert json_text(Page(number=1)) == '{"number":1,"words":[]}'
    for bad in (object(), float("nan"), {"f": print}):
        with pytest.raises(ValueError, match=r".+"):
            json_value(bad)


FIELDS: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (int, st.integers()),
    (float, st.floats(allow_nan=False, allow_infinity=False)),
    (bool, st.booleans()),
    (str, st.text(st.characters(codec="utf-8"))),
    (int | None, st.none() | st.integers()),
    (list[int], st.lists(st.integers(), max_size=3)),
    (dict[str, bool], st.dictionaries(st.text(max_size=3), st.booleans(), max_size=3)),
    (Literal["a", 1, True], st.sampled_from(["a", 1])),
    (Colour, st.sampled_from(Colour)),
    (set[int], st.sets(st.integers(), max_size=3)),
    (tuple[int, str], st.tuples(st.integers(), st.just("x"))),
    (date, st.dates()),
    (Point, st.builds(Point, st.floats(0, 1), st.floats(0, 1))),
    (list[Page | Point], st.lists(st.builds(Page, number=st.integers()), max_size=2)),
    (Annotated[int, Field(ge=3, lt=9)], st.integers(3, 8)),
    (Annotated[list[str], Field(min_length=1)], st.just(["a"])),
]
NAMES = ("title", "items", "type", "a", "b_c")


@st.composite
def models(draw: st.DrawFn) -> BaseModel:
    chosen = draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=4))
    fields = {name: kind for name, (kind, _) in zip(NAMES, chosen, strict=False)}
    values = {name: draw(values) for name, (_, values) in zip(NAMES, chosen, strict=False)}
    made = create_model("Made", **{name: (kind, ...) for name, kind in fields.items()})  # type: ignore[call-overload]
    model: BaseModel = made(**values)
    return model


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(models())
def test_a_schema_accepts_what_its_model_dumps(model: BaseModel) -> None:
    schema = schema_of(type(model))
    data = model.model_dump(mode="json")
    assert problems(data, schema) == []
    for name in data:
        missing = {key: value for key, value in data.items() if key != name}
        assert problems(missing, schema) == [f"value.{name}: required, but missing"]
