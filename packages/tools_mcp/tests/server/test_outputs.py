"""Shapes of results: which annotations promise something, and what keeps the promise."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, Literal, NotRequired, TypedDict

import pytest
from pydantic import BaseModel, Field

from racto.core import ImagePart, Message, RactoFile, TextPart, ToolCallResult, ToolResultPart
from racto.core.errors import ToolExecutionError
from racto.core.tool_results import result_part
from racto.tools.mcp.server.outputs import OutputShape


class Model(BaseModel):
    a: int


class Aliased(BaseModel):
    a: int = Field(alias="A")


class Node(BaseModel):
    children: list[Node] = []


@dataclass
class Data:
    a: int


class Typed(TypedDict):
    a: int
    b: NotRequired[str]


class Colour(Enum):
    RED = "red"


def shape(annotation: Any) -> OutputShape | None:
    def tool() -> Any: ...

    tool.__annotations__["return"] = annotation
    return OutputShape.of_function(tool)


def answer(value: Any) -> ToolResultPart:
    return result_part(ToolCallResult(name="tool"), value)


@pytest.mark.parametrize(
    "annotation",
    [
        str, None, Any, object, bytes, TextPart, ImagePart, list[ImagePart], list[TextPart | ImagePart],
        RactoFile, ToolResultPart, list, list[Any], str | int, str | None | date,
        str | ImagePart, "NoSuchName",
    ],
)  # fmt: skip
def test_what_is_open_promises_nothing(annotation: Any) -> None:
    assert shape(annotation) is None


def test_a_function_without_annotation_promises_nothing() -> None:
    assert OutputShape.of_function(lambda: 1) is None


@pytest.mark.parametrize(
    ("annotation", "value"),
    [(Model, Model(a=1)), (Data, Data(a=1)), (Typed, {"a": 1}), (dict[str, int], {"a": 1})],
)
def test_objects_stand_as_they_are(annotation: Any, value: Any) -> None:
    found = shape(annotation)
    assert found is not None
    assert not found.wrapped
    assert found.schema["type"] == "object"
    assert found.structured(answer(value)) == {"a": 1}


@pytest.mark.parametrize(
    ("annotation", "value", "written"),
    [
        (int, 3, 3), (float, 2.5, 2.5), (bool, True, True), (list[int], [1, 2], [1, 2]),
        (int | None, None, None), (date, date(2026, 1, 2), "2026-01-02"), (Colour, Colour.RED, "red"),
        (Literal["a", "1"], "1", "1"), (list[Model] | None, [Model(a=1)], [{"a": 1}]),
        (str | list[int], "3", "3"), (str | list[int], [3], [3]), (set[int], {1}, [1]),
        (tuple[int, str], (1, "x"), [1, "x"]),
    ],
)  # fmt: skip
def test_others_stand_under_result(annotation: Any, value: Any, written: Any) -> None:
    found = shape(annotation)
    assert found is not None
    assert found.wrapped
    assert found.structured(answer(value)) == {"result": written}


def test_names_are_written_as_the_values_are() -> None:
    found = shape(Aliased)
    assert found is not None
    assert found.structured(answer(Aliased(A=1))) == {"a": 1}


def test_a_recursive_model_has_an_object_at_its_root() -> None:
    found = shape(Node)
    assert found is not None
    assert found.schema["type"] == "object"
    assert found.structured(answer(Node(children=[Node()]))) == {"children": [{"children": []}]}


def test_methods_partials_and_objects_are_read() -> None:
    class Tools:
        def method(self) -> int: ...

        def __call__(self) -> list[int]: ...

    for function in (Tools().method, functools.partial(Tools().method), Tools()):
        assert OutputShape.of_function(function) is not None
    assert OutputShape.of_function(Tools) is None


@pytest.mark.parametrize(
    ("annotation", "value", "told"),
    [
        (Model, {"a": "x"}, "result.a"),
        (int, "many", "result"),
        (float, float("nan"), "number"),
        (int, [TextPart(text="x")], "content"),
        (dict[str, int], "text", "object"),
    ],
)
def test_a_broken_promise_is_told(annotation: Any, value: Any, told: str) -> None:
    found = shape(annotation)
    assert found is not None
    with pytest.raises(ToolExecutionError, match=told):
        found.structured(answer(value))


def test_what_pydantic_cannot_describe_promises_nothing() -> None:
    assert shape(Message | type(pytest)) is None
