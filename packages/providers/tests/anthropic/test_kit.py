"""The kit: its options, and whole requests from a prompt to a structured, priced answer."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import (
    ChatConfig,
    ConfigurationError,
    FinishReason,
    Message,
    MessageRole,
    RactoFile,
    RactoPrompt,
    ResponseModelValidationError,
    UnsupportedFeatureError,
    Usage,
)
from racto.core.content import (
    DocumentPart,
    ImagePart,
    LinkPart,
    ProviderPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    UploadedFilePart,
)
from racto.core.protocols import ChatKit
from racto.providers.anthropic import AnthropicDeveloperKit, Chat
from racto.providers.pricing import PriceTable
from racto.testing import AnthropicServer, Incoming, Reply

Make = Callable[..., AnthropicDeveloperKit]
ASK = ChatConfig(user_message="?")
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PDF = b"%PDF-1.4\n%%EOF\n"


class City(BaseModel):
    name: str
    people: int


# -- options -------------------------------------------------------------------------------------


def test_chat_is_the_kits_short_name() -> None:
    kit = Chat("m", api_key="k")
    assert isinstance(kit, ChatKit)
    assert (kit.model, kit.provider) == ("m", "anthropic")
    assert Chat(api_key="k").model
    assert "'k'" not in repr(kit)


def test_what_cannot_work_is_refused_at_once() -> None:
    with pytest.raises(ConfigurationError, match="router"):
        Chat("auto")
    with pytest.raises(ConfigurationError, match="not both"):
        Chat("m", api_key="a", auth_token="b")
    with pytest.raises(ConfigurationError, match="aiohttp"):
        Chat("m", http="curl")  # type: ignore[arg-type]


def test_the_api_is_named_and_so_are_headers_and_betas(
    anthropic_server: AnthropicServer, make_kit: Make
) -> None:
    make_kit().chat(ASK)
    assert anthropic_server.last.headers["anthropic-version"] == "2026-10-21"
    assert "anthropic-beta" not in anthropic_server.last.headers
    kit = make_kit(headers={"X-Team": "a", "Anthropic-Beta": "b-1"})
    kit.chat(ChatConfig(user_message="?", extra={"betas": ["b-2"]}))
    sent = anthropic_server.last.headers
    assert (sent["x-team"], sent["anthropic-beta"]) == ("a", "b-1,b-2")
    kit.chat(ASK)
    assert anthropic_server.last.headers["anthropic-beta"] == "b-1"


def test_an_older_model_is_asked_by_the_older_version(
    anthropic_server: AnthropicServer, make_kit: Make
) -> None:
    kit = make_kit("claude-sonnet-4-6", headers={"Anthropic-Version": "2023-06-01"})
    kit.chat(ChatConfig(user_message="?", temperature=0.5, top_k=3))
    assert anthropic_server.last.headers["anthropic-version"] == "2023-06-01"
    assert anthropic_server.last.json["temperature"] == 0.5


def test_a_token_travels_as_a_key_does(anthropic_server: AnthropicServer, make_kit: Make) -> None:
    make_kit(api_key=None, auth_token="test-key").chat(ASK)
    assert anthropic_server.last.headers["authorization"] == "Bearer test-key"


def test_a_model_that_nobody_knows_works_without_a_price(
    anthropic_server: AnthropicServer, make_kit: Make
) -> None:
    assert make_kit("claude-of-tomorrow").chat(ASK).cost is None
    assert anthropic_server.last.json["model"] == "claude-of-tomorrow"


def test_replies_are_priced_and_prices_can_be_given(
    anthropic_server: AnthropicServer, make_kit: Make
) -> None:
    usage = Usage(input_tokens=1000, cache_read_tokens=1000, output_tokens=1000)
    anthropic_server.default = Reply(text="ok", usage=usage)
    assert (make_kit("claude-opus-5-5").chat(ASK).cost or 0) > 0
    own = PriceTable(
        {"anthropic": {"claude-opus-5-5": {"input": 1.0, "cache_read": 0.0, "output": 2.0}}}
    )
    assert make_kit("claude-opus-5-5", prices=own).chat(ASK).cost == pytest.approx(0.003)
    assert make_kit("claude-opus-5-5", prices=None).chat(ASK).cost is None


# -- conversations -------------------------------------------------------------------------------


def test_prompt_history_and_attachments_reach_the_model(
    anthropic_server: AnthropicServer, chat: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("the sea is wide")
    files = (
        RactoFile.from_bytes(PNG, "image/png", "a.png"),
        RactoFile.from_bytes(PDF, "application/pdf", "a.pdf"),
        RactoFile.from_path(path),
    )
    prompt = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format="text")
    history = (Message.user("hi"), Message.assistant("hello"))
    assert chat(prompt=prompt, history=history, attachments=files).content == "ok"
    sent = anthropic_server.last.json
    assert sent["system"] == prompt.compile()
    blocks = sent["messages"][2]["content"]
    assert [block["type"] for block in blocks] == ["image", "document", "text", "text"]
    assert "notes.txt" in blocks[2]["text"]
    assert blocks[1]["title"] == "a.pdf"


def test_images_documents_links_and_uploaded_files_go_by_reference(
    anthropic_server: AnthropicServer, chat: Callable[..., Any]
) -> None:
    parts = (
        ImagePart(url="https://example.org/a.png"),
        DocumentPart(url="https://example.org/a.pdf"),
        DocumentPart(data=b"plain words", mime_type="text/plain"),
        UploadedFilePart(file_id="file_1", provider="anthropic"),
        LinkPart(uri="note://1", name="a note"),
    )
    chat(user_message="", history=(Message(role=MessageRole.USER, content=parts),))
    blocks = anthropic_server.last.json["messages"][0]["content"]
    assert [block.get("source", {}).get("type") for block in blocks] == [
        "url", "url", "text", "file", None,
    ]  # fmt: skip


def test_sound_is_refused_before_anything_is_sent(
    anthropic_server: AnthropicServer, chat: Callable[..., Any]
) -> None:
    sound = RactoFile.from_bytes(b"RIFF", "audio/wav", "a.wav")
    with pytest.raises(UnsupportedFeatureError, match="audio"):
        chat(attachments=(sound,))
    assert anthropic_server.requests == []
    assert chat(attachments=(sound,), on_unsupported="drop").dropped == ("audio",)


def test_instructions_in_mid_conversation_are_accepted(
    anthropic_server: AnthropicServer, chat: Callable[..., Any]
) -> None:
    turns = (Message.user("a"), Message.assistant("b"), Message.system("in French, please"))
    assert chat(history=turns).content == "ok"
    assert [turn["role"] for turn in anthropic_server.last.json["messages"]] == [
        "user", "assistant", "user", "system",
    ]  # fmt: skip


def test_a_refusal_is_told_apart_and_can_stay_in_the_history(
    anthropic_server: AnthropicServer, chat: Callable[..., Any]
) -> None:
    anthropic_server.say("I", refusal="That could do harm.")
    response = chat()
    assert response.finish_reason is FinishReason.REFUSAL
    assert (response.content, response.refusal) == ("I", "That could do harm.")
    assert response.parts[-1] == RefusalPart(text="That could do harm.")
    assert chat(history=(Message.user("?"), response.message)).content == "ok"


def test_a_paused_turn_can_be_continued(
    anthropic_server: AnthropicServer, chat: Callable[..., Any]
) -> None:
    search = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
    found = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}
    paused = {
        "id": "msg_1",
        "model": "m",
        "content": [search, found],
        "stop_reason": "pause_turn",
        "usage": {
            "input_tokens": 1,
            "output_tokens": 1,
            "server_tool_use": {"web_search_requests": 1},
        },
    }
    anthropic_server.say(body=paused)
    tools = [{"type": "web_search_20260318", "name": "web_search"}]
    response = chat(extra={"tools": tools})
    assert response.finish_reason is FinishReason.PAUSE
    assert [type(part) for part in response.parts] == [ProviderPart, ProviderPart]
    assert response.raw["usage"]["server_tool_use"] == {"web_search_requests": 1}
    history = (Message.user("?"), response.message)
    assert chat(user_message="", history=history, extra={"tools": tools}).content == "ok"
    assert anthropic_server.last.json["messages"][1]["content"] == [search, found]


def test_caching_is_asked_for_and_counted(
    anthropic_server: AnthropicServer, chat: Callable[..., Any]
) -> None:
    usage = Usage(cache_read_tokens=7, cache_write_5m_tokens=5, cache_write_1h_tokens=3)
    anthropic_server.say("ok", usage=usage)
    marked = Message(role=MessageRole.USER, content=(TextPart(text="a long text", cache="1h"),))
    response = chat(system="s", history=(marked,), cache="1h")
    assert (response.usage.prompt_tokens, response.usage.cache_write_1h_tokens) == (15, 3)
    assert anthropic_server.last.json["cache_control"] == {"type": "ephemeral", "ttl": "1h"}


def test_citations_are_asked_for_in_a_block_of_ones_own_and_come_back(
    anthropic_server: AnthropicServer, chat: Callable[..., Any]
) -> None:
    citation = {
        "type": "char_location", "cited_text": "wide", "document_index": 0,
        "document_title": None, "start_char_index": 11, "end_char_index": 15,
    }  # fmt: skip
    anthropic_server.say("Wide.", citations=[citation])
    document = {
        "type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": "the sea is wide"},
        "citations": {"enabled": True},
    }
    turn = Message(
        role=MessageRole.USER, content=(ProviderPart(provider="anthropic", data=document),)
    )
    response = chat(history=(turn,))
    assert response.parts == (TextPart(text="Wide.", citations=(citation,)),)
    assert chat(history=(turn, response.message)).content == "ok"


# -- thinking ------------------------------------------------------------------------------------


def test_thinking_is_shown_and_goes_back_signed(
    anthropic_server: AnthropicServer, chat: Callable[..., Any]
) -> None:
    anthropic_server.say("42", thinking=["h", "m"], redacted_thinking=["opaque"])
    first = chat(native_thinking=True)
    assert (first.content, first.thinking) == ("42", "hm")
    assert isinstance(first.parts[0], ReasoningPart)
    assert first.parts[0].signature
    # The server refuses thinking that was changed on its way.
    history = (Message.user("?"), first.message)
    assert chat(history=history, native_thinking=True).content == "ok"
    foreign = ReasoningPart(text="hm", signature="x", provider="google")
    mixed = Message.assistant("42", reasoning=[foreign])
    assert chat(history=(Message.user("?"), mixed), native_thinking=True).content == "ok"
    assert anthropic_server.last.json["messages"][1]["content"] == [{"type": "text", "text": "42"}]


def test_the_defaults_of_thinking_and_a_budget_are_valid(chat: Callable[..., Any]) -> None:
    assert chat(native_thinking=True).content == "ok"
    assert chat(native_thinking=True, thinking_budget=10000).content == "ok"
    assert chat(native_thinking=True, reasoning_effort="max").content == "ok"


def test_a_reply_cut_off_in_thought_can_stay_in_the_history(
    anthropic_server: AnthropicServer, chat: Callable[..., Any]
) -> None:
    anthropic_server.say(None, thinking="h", finish=FinishReason.LENGTH)
    first = chat(native_thinking=True)
    assert (first.content, first.finish_reason) == (None, FinishReason.LENGTH)
    assert chat(history=(Message.user("?"), first.message)).content == "ok"


# -- structured replies --------------------------------------------------------------------------


def test_a_structured_reply_is_asked_for_natively(
    anthropic_server: AnthropicServer, chat: Callable[..., Any]
) -> None:
    anthropic_server.say('{"name": "Rome", "people": 7}')
    response = chat(response_model=City)
    assert response.parsed == {"name": "Rome", "people": 7}
    sent = anthropic_server.last.json["output_config"]["format"]["schema"]
    assert sent["required"] == ["name", "people"]


def test_a_repair_keeps_the_conversation(
    anthropic_server: AnthropicServer, chat: Callable[..., Any]
) -> None:
    anthropic_server.say('{"name": "Rome"}', thinking="hm")
    anthropic_server.say('{"name": "Rome", "people": 7}')
    response = chat(response_model=City, native_thinking=True, user_message="Which city?")
    assert (response.parsed, response.attempts) == ({"name": "Rome", "people": 7}, 2)
    turns = anthropic_server.last.json["messages"]
    assert turns[0] == {"role": "user", "content": "Which city?"}
    assert [block["type"] for block in turns[1]["content"]] == ["thinking", "text"]
    assert "people: Field required" in turns[2]["content"]
    assert anthropic_server.last.json["thinking"]["type"] == "adaptive"


def test_a_reply_that_stays_wrong_or_was_refused_is_an_error(
    anthropic_server: AnthropicServer, chat: Callable[..., Any]
) -> None:
    anthropic_server.say("I cannot.", refusal="No.")
    with pytest.raises(ResponseModelValidationError, match="refused"):
        chat(response_model=City)
    assert len(anthropic_server.requests) == 1


def test_a_schema_that_cannot_be_enforced_costs_no_call(
    anthropic_server: AnthropicServer, chat: Callable[..., Any]
) -> None:
    class Counts(BaseModel):
        by_name: dict[str, int]

    with pytest.raises(UnsupportedFeatureError, match="keys of any name"):
        chat(response_model=Counts)
    assert anthropic_server.requests == []

    def answer(request: Incoming) -> Reply:
        return Reply(text='{"by_name": {"a": 1}}' if "by_name" in request.json["system"] else "?")

    anthropic_server.when(answer)
    assert chat(response_model=Counts, on_unsupported="drop").parsed == {"by_name": {"a": 1}}
