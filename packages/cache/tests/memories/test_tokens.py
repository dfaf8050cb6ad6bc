"""The estimate of tokens: near enough for text, never nothing for anything."""

from __future__ import annotations

from racto.cache.memories import estimated_tokens
from racto.core.content import (
    ImagePart,
    LinkPart,
    ProviderPart,
    ReasoningPart,
    RefusalPart,
    ToolCallResult,
    ToolResultPart,
    UploadedFilePart,
)
from racto.core.messages import Message, MessageRole


def test_text_takes_a_token_every_four_bytes() -> None:
    assert estimated_tokens(Message.user("")) == 4
    assert estimated_tokens(Message.user("x" * 400)) == 104
    assert estimated_tokens(Message.user("ü" * 200)) == 104


def test_everything_in_a_message_counts() -> None:
    called = Message.assistant(
        "x" * 40, tool_calls=[ToolCallResult(id="1", name="see", arguments={"city": "y" * 400})]
    )
    assert 110 < estimated_tokens(called) < 130
    image = ImagePart(data=b"x")
    assert estimated_tokens(Message(role=MessageRole.USER, content=(image,))) == 1_004
    results = [
        ToolResultPart(tool_call_id="1", content="x" * 40),
        ToolResultPart(tool_call_id="2", content=(image, LinkPart(uri="https://example.org"))),
    ]
    assert 1_014 < estimated_tokens(Message.tool(results)) < 1_030
    parts = (
        ReasoningPart(text="x" * 40),
        RefusalPart(text="x" * 40),
        ProviderPart(provider="acme", data={"a": "x" * 30}),
        UploadedFilePart(file_id="f", provider="acme"),
    )
    assert estimated_tokens(Message(role=MessageRole.ASSISTANT, content=parts)) == 1_004 + 30
