"""Answers on their way out: measured, readable, and fit for the wire."""

from __future__ import annotations

import pytest

from racto.core import AudioPart, DocumentPart, ImagePart, LinkPart, TextPart, ToolResultPart
from racto.core.errors import ToolExecutionError
from racto.tools.mcp.server.answers import answer_of, failure

MOST = 10_000


def part(**fields: object) -> ToolResultPart:
    return ToolResultPart(tool_call_id="1", name="tool", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    [
        "x" * (MOST + 1),
        (ImagePart(data=b"x" * MOST),),
        (AudioPart(data=b"x" * MOST),),
        (DocumentPart(data=b"x" * MOST),),
        (TextPart(text="é" * MOST),),
    ],
)
def test_a_large_answer_is_refused(content: object) -> None:
    with pytest.raises(ToolExecutionError, match="at most 10,000"):
        answer_of(part(content=content), None, max_bytes=MOST)


def test_large_data_is_refused() -> None:
    with pytest.raises(ToolExecutionError, match="ask for less"):
        answer_of(part(structured={"a": "x" * MOST}), None, max_bytes=MOST)


def test_an_error_and_its_data_are_kept() -> None:
    found = answer_of(
        part(content="no", is_error=True, structured={"code": 3}), None, max_bytes=MOST
    )
    assert found.is_error
    assert found.structured_content == {"code": 3}


def test_numbers_that_json_has_not_become_null() -> None:
    found = answer_of(part(structured={"a": float("nan")}), None, max_bytes=MOST)
    assert found.structured_content == {"a": None}


def test_what_no_wire_can_carry_is_refused_or_replaced() -> None:
    for broken in (part(content=(TextPart(text="\ud800"),)), part(structured={"a": object()})):
        with pytest.raises(ToolExecutionError):
            answer_of(broken, None, max_bytes=MOST)
    failure("bad \ud800 text").model_dump_json()


def test_a_link_stays_a_link() -> None:
    found = answer_of(part(content=(LinkPart(uri="a://b", name="b"),)), None, max_bytes=MOST)
    assert found.content[0].type == "resource_link"
