"""Parts of messages as blocks: what goes out as it is, what stays behind, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from racto.core import UnsupportedFeatureError
from racto.core.content import (
    ContentPart,
    ImagePart,
    LinkPart,
    ProviderPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from racto.providers.anthropic.blocks import assistant_blocks, user_blocks
from racto.providers.kits import Omissions

CITATION = {"type": "char_location", "cited_text": "sea", "document_index": 0}
FOREIGN = {"type": "url_citation", "url": "https://example.org"}


def user(*parts: ContentPart) -> list[dict[str, Any]]:
    return user_blocks(parts, Omissions("raise", provider="anthropic"))


def assistant(*parts: ContentPart) -> list[dict[str, Any]]:
    return assistant_blocks(parts, Omissions("raise", provider="anthropic"))


def test_blank_text_is_never_sent() -> None:
    assert user(TextPart(text=""), TextPart(text="a"), TextPart(text=" \n")) == [
        {"type": "text", "text": "a"}
    ]


def test_a_mark_on_blank_text_marks_what_stands_before_it() -> None:
    image = ImagePart(data=b"png", mime_type="image/png")
    [block] = user(image, TextPart(text="", cache="1h"))
    assert (block["type"], block["cache_control"]) == ("image", {"type": "ephemeral", "ttl": "1h"})
    with pytest.raises(UnsupportedFeatureError, match="cache"):
        user(TextPart(text="", cache="1h"))


def test_a_tools_answer_keeps_its_kind() -> None:
    parts = (TextPart(text="see"), LinkPart(uri="note://1", name="n"))
    assert user(
        ToolResultPart(tool_call_id="a", content="42"),
        ToolResultPart(tool_call_id="b", content="no such city", is_error=True),
        ToolResultPart(tool_call_id="c", content=parts),
        ToolResultPart(tool_call_id="d", content=""),
    ) == [
        {"type": "tool_result", "tool_use_id": "a", "content": "42"},
        {
            "type": "tool_result",
            "tool_use_id": "b",
            "content": "no such city",
            "is_error": True,
        },
        {
            "type": "tool_result",
            "tool_use_id": "c",
            "content": [{"type": "text", "text": "see"}, {"type": "text", "text": "n <note://1>"}],
        },
        {"type": "tool_result", "tool_use_id": "d"},
    ]


def test_an_image_in_a_tools_answer_is_an_image() -> None:
    image = ImagePart(data=b"png", mime_type="image/png")
    [block] = user(ToolResultPart(tool_call_id="a", content=(image,)))
    assert block["content"][0]["source"]["media_type"] == "image/png"


def test_thinking_comes_back_with_its_signature_to_its_provider_only() -> None:
    mine = ReasoningPart(text="hm", signature="s1", provider="anthropic")
    hidden = ReasoningPart(signature="s2", provider="anthropic", redacted=True)
    silent = ReasoningPart(signature="s3", provider="anthropic")
    blocks = assistant(
        mine,
        hidden,
        silent,
        ReasoningPart(text="hm", signature="s4", provider="google"),
        ReasoningPart(text="hm", provider="anthropic"),
        TextPart(text="42"),
    )
    assert blocks == [
        {"type": "thinking", "thinking": "hm", "signature": "s1"},
        {"type": "redacted_thinking", "data": "s2"},
        {"type": "thinking", "thinking": "", "signature": "s3"},
        {"type": "text", "text": "42"},
    ]


def test_thinking_that_led_to_nothing_stays_behind() -> None:
    mine = ReasoningPart(text="hm", signature="s1", provider="anthropic")
    assert assistant(mine) == []
    assert assistant(TextPart(text="a"), mine) == [{"type": "text", "text": "a"}]


def test_a_block_of_the_providers_own_goes_back_unchanged() -> None:
    data = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
    assert assistant(ProviderPart(provider="anthropic", data=data)) == [data]
    assert user(ProviderPart(provider="anthropic", data=data)) == [data]
    assert assistant(ProviderPart(provider="openai", data=data)) == []


def test_a_call_takes_back_its_id_and_arguments() -> None:
    call = ToolCallPart(id="toolu_1", name="find", arguments={"city": "Rome"})
    assert assistant(call) == [
        {"type": "tool_use", "id": "toolu_1", "name": "find", "input": {"city": "Rome"}}
    ]


def test_malformed_arguments_are_shown_to_the_model() -> None:
    call = ToolCallPart(id="toolu_1", name="find", raw_arguments='{"city": ')
    assert assistant(call)[0]["input"] == {"INVALID_JSON": '{"city": '}


def test_what_the_api_said_of_a_call_goes_back_with_it() -> None:
    facts = {"caller": {"type": "code_execution_20260120", "tool_id": "srvtoolu_1"}}
    call = ToolCallPart(id="a", name="f", signature=json.dumps({**facts, "id": "evil"}))
    assert assistant(call)[0] == {"type": "tool_use", "id": "a", "name": "f", "input": {}, **facts}
    for foreign in ("CpwBAVSo", "[1]", "{"):
        assert assistant(call.model_copy(update={"signature": foreign}))[0].keys() == {
            "type", "id", "name", "input",
        }  # fmt: skip


def test_ids_from_elsewhere_are_made_fit_on_both_sides() -> None:
    [call] = assistant(ToolCallPart(id="call|fc:1", name="f"))
    [result] = user(ToolResultPart(tool_call_id="call|fc:1", content="x"))
    assert call["id"] == result["tool_use_id"] == "call_fc_1"


def test_citations_go_back_where_they_came_from() -> None:
    [block] = assistant(TextPart(text="the sea", citations=(CITATION, FOREIGN)))
    assert block == {"type": "text", "text": "the sea", "citations": [CITATION]}
    with pytest.raises(UnsupportedFeatureError, match="citations"):
        user(TextPart(text="the sea", citations=(CITATION,)))


def test_a_refusal_in_the_history_is_what_the_assistant_said() -> None:
    assert assistant(RefusalPart(text="I will not.")) == [{"type": "text", "text": "I will not."}]


def test_parts_on_the_wrong_side_are_refused() -> None:
    with pytest.raises(UnsupportedFeatureError, match="image"):
        assistant(ImagePart(data=b"x"))
    for part in (ReasoningPart(text="x"), RefusalPart(text="x"), ToolCallPart(name="f")):
        with pytest.raises(UnsupportedFeatureError, match="assistant's turns"):
            user(part)
