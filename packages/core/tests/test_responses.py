"""A response has the reference's envelope, tells whether it is whole, and survives JSON."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from racto.core import (
    FinishReason,
    ImagePart,
    LLMResponse,
    Message,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolCallResult,
    Usage,
    UsageState,
)


def test_finish_reasons() -> None:
    assert [reason.value for reason in FinishReason] == [
        "stop",
        "length",
        "tool_call",
        "content_filter",
        "refusal",
        "pause",
        "context_overflow",
        "cancelled",
        "error",
        "unknown",
    ]
    whole = {reason for reason in FinishReason if reason.is_complete}
    assert whole == {FinishReason.STOP, FinishReason.TOOL_CALL}


def test_defaults_are_the_references() -> None:
    response = LLMResponse()
    assert response.content is None
    assert response.thinking is None
    assert response.parsed is None
    assert response.tool_calls == []
    assert response.finish_reason is FinishReason.STOP
    assert response.raw is None
    assert response.usage.state is UsageState.UNKNOWN
    assert (response.provider, response.model, response.request_id) == ("", "", None)
    assert response.attempts == 1
    assert LLMResponse().tool_calls is not response.tool_calls


def test_content_is_untouched_even_with_a_code_fence() -> None:
    text = "Run:\n```python\nprint(1)\n```\nIt prints 1"
    assert LLMResponse(content=text).content == text


def test_parsed_is_an_object_or_an_array() -> None:
    assert LLMResponse(parsed={"a": 1}).parsed == {"a": 1}
    assert LLMResponse(parsed=[1]).parsed == [1]
    with pytest.raises(ValidationError, match="parsed"):
        LLMResponse(parsed="text")  # type: ignore[arg-type]


def test_json_keeps_everything_but_the_raw_reply() -> None:
    response = LLMResponse(
        content="hi",
        thinking="hm",
        parsed=[{"a": [1, None]}],
        tool_calls=[ToolCallResult(id="1", name="f", arguments={"x": 1}, signature="s")],
        finish_reason=FinishReason.TOOL_CALL,
        usage=Usage(input_tokens=3, output_tokens=2, reasoning_tokens=1, cost=0.5),
        raw=object(),
        parts=(ReasoningPart(signature="x", provider="p"), ImagePart(data=b"\xff")),
        refusal="no",
        dropped=("seed",),
        provider="p",
        model="m",
        request_id="r",
        raw_finish_reason="tool_use",
        attempts=2,
    )
    text = response.model_dump_json()
    assert 'raw"' not in text
    again = LLMResponse.model_validate_json(text)
    assert again == response.model_copy(update={"raw": None})
    assert "object at" not in repr(response)


def test_the_reply_as_a_turn_keeps_ids_and_signatures() -> None:
    call = ToolCallResult(id="1", name="f", signature="s")
    reasoning = ReasoningPart(text="hm", signature="sig", provider="p")
    with_parts = LLMResponse(parts=(reasoning, TextPart(text="a"), ToolCallPart.of(call)))
    assert with_parts.message.parts == with_parts.parts
    bare = LLMResponse(content="a", tool_calls=[call])
    assert bare.message == Message.assistant("a", tool_calls=[call])
    assert bare.message.tool_calls[0].id == "1"
    assert LLMResponse(content="a").message.content == "a"


def test_cost_is_that_of_the_usage() -> None:
    assert LLMResponse().cost is None
    assert LLMResponse(usage=Usage(cost=0.25)).cost == 0.25
