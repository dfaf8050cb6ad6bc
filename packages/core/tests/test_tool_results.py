"""What a tool returns reaches the model as text, parts or JSON, or fails clearly."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core.content import ImagePart, LinkPart, TextPart, ToolCallResult, ToolResultPart
from racto.core.errors import ToolExecutionError
from racto.core.files import RactoFile
from racto.core.tool_results import error_part, result_part

CALL = ToolCallResult(id="c1", name="t")


class Size(enum.Enum):
    BIG = "big"


class Row(BaseModel):
    name: str
    when: date


@dataclass
class Point:
    x: int


def test_a_string_goes_as_it_is() -> None:
    part = result_part(CALL, '{"not": "touched" ')
    assert (part.content, part.structured, part.is_error) == ('{"not": "touched" ', None, False)
    assert (part.tool_call_id, part.name) == ("c1", "t")


@pytest.mark.parametrize(
    ("value", "text", "structured"),
    [
        (Row(name="ü", when=date(2026, 1, 2)), '{"name":"ü","when":"2026-01-02"}', dict),
        ([Point(1), Point(2)], '[{"x":1},{"x":2}]', list),
        ({"a": {Size.BIG}}, '{"a":["big"]}', dict),
        (None, "null", type(None)),
        (3, "3", type(None)),
        (True, "true", type(None)),
        ([], "[]", list),
        (iter([1, 2]), "[1,2]", list),
        ([float("nan")], "[null]", list),
    ],
)
def test_data_becomes_json(value: Any, text: str, structured: type) -> None:
    part = result_part(CALL, value)
    assert part.content == text
    assert type(part.structured) is structured


def test_parts_and_files_are_kept() -> None:
    text, image = TextPart(text="see"), ImagePart(data=b"x")
    assert result_part(CALL, [text, image]).content == (text, image)
    assert result_part(CALL, image).content == (image,)
    file = RactoFile(b"\x89PNG", "image/png", "a.png")
    assert result_part(CALL, file).content == (
        ImagePart(data=b"\x89PNG", mime_type="image/png", name="a.png"),
    )


def test_an_answer_is_kept_and_addressed_to_the_call() -> None:
    given = ToolResultPart(tool_call_id="", content="no", is_error=True)
    part = result_part(CALL, given)
    assert (part.tool_call_id, part.name, part.is_error) == ("c1", "t", True)


@pytest.mark.parametrize("value", [b"raw", object(), {"f": print}, "a\ud800", [{1: object()}]])
def test_what_cannot_be_sent_is_refused(value: Any) -> None:
    with pytest.raises(ToolExecutionError, match="'t' returned"):
        result_part(CALL, value)


def test_a_generator_that_fails_half_way_is_an_error_of_the_tool() -> None:
    def rows() -> Iterator[int]:
        yield 1
        raise KeyError("lost")

    with pytest.raises(ToolExecutionError, match="lost"):
        result_part(CALL, rows())


def test_an_error_is_marked() -> None:
    part = error_part(CALL, ToolExecutionError("no key sk-abcdefgh12345678"))
    assert part.is_error
    assert "sk-abc" not in part.text


def test_links_are_kept_as_parts() -> None:
    link = LinkPart(uri="notes://7", name="Notes")
    made = result_part(CALL, [TextPart(text="see"), link])
    assert made.content == (TextPart(text="see"), link)
