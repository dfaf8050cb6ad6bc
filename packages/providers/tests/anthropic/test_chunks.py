"""Streams: every kind of event, streams that break off, and the official SDK as the judge."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import anthropic
import httpx2
import pytest
from hypothesis import given, settings, strategies as st

from racto.core import (
    ChatConfig,
    FinishReason,
    InvalidResponseError,
    LLMResponse,
    RactoGatewayAuthError,
    StreamChunk,
    StreamTruncatedError,
    Usage,
)
from racto.core.content import ProviderPart, ReasoningPart, TextPart
from racto.core.testing.contracts.voices import Voice
from racto.core.usage import UsageState
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.providers.anthropic.chunks import MessagesAssembler
from racto.providers.anthropic.failures import ANTHROPIC_VOCABULARY, AnthropicTranslator
from racto.providers.anthropic.replies import read_reply
from racto.providers.kits import WireRequest
from racto.testing import AnthropicServer, Conduct, Failure, ToolCall

REQUEST = WireRequest(path="/v1/messages", body={}, model="asked", dropped=("seed",))
ASK = ChatConfig(user_message="?")
CITATION = {"type": "char_location", "cited_text": "sea", "document_index": 0, "file_id": "f"}


def assembler() -> MessagesAssembler:
    translator = AnthropicTranslator("anthropic", ANTHROPIC_VOCABULARY)
    return MessagesAssembler(translator, request=REQUEST, request_id="req_1")


def begun(**usage: Any) -> dict[str, Any]:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": []}
    return {"type": "message_start", "message": {**message, "usage": usage}}


def block(index: int, start: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_start", "index": index, "content_block": start},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def ended(reason: str | None = "end_turn", usage: Any = None, **delta: Any) -> list[dict[str, Any]]:
    told = {"type": "message_delta", "delta": {"stop_reason": reason, **delta}, "usage": usage}
    return [told, {"type": "message_stop"}]


def fed(events: Sequence[Any]) -> tuple[list[StreamChunk], MessagesAssembler]:
    reading = assembler()
    texts = (event if isinstance(event, str) else json.dumps(event) for event in events)
    return [chunk for text in texts for chunk in reading.push(text)], reading


def assembled(*events: Any) -> LLMResponse:
    response = fed([begun(input_tokens=1, output_tokens=1), *events, *ended()])[1].final().response
    assert response is not None
    return response


def text(index: int, words: str) -> list[dict[str, Any]]:
    return block(index, {"type": "text", "text": ""}, {"type": "text_delta", "text": words})


# -- events --------------------------------------------------------------------------------------


def test_the_response_names_its_origin_and_what_was_dropped() -> None:
    response = assembled(*text(0, "hi"))
    assert (response.model, response.response_id, response.request_id) == ("m", "msg_1", "req_1")
    assert (response.provider, response.dropped) == ("anthropic", ("seed",))


def test_pings_and_events_of_a_later_day_are_passed_over() -> None:
    response = assembled({"type": "ping"}, *text(0, "hi"), {"type": "message_mood", "mood": "good"})
    assert response.content == "hi"


def test_blocks_of_a_later_day_are_kept() -> None:
    deltas = ({"type": "compaction_delta", "content": piece} for piece in ("long ", "ago"))
    start = {"type": "compaction", "content": None}
    response = assembled(*text(0, "a"), *block(1, start, *deltas), *text(2, "b"))
    assert response.parts == (
        TextPart(text="a"),
        ProviderPart(provider="anthropic", data={"type": "compaction", "content": "long ago"}),
        TextPart(text="b"),
    )


def test_a_server_side_tools_input_is_put_together() -> None:
    start = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
    pieces = [{"type": "input_json_delta", "partial_json": piece} for piece in ('{"q":', ' "a"}')]
    [part] = assembled(*block(0, start, *pieces)).parts
    assert isinstance(part, ProviderPart)
    assert part.data == {**start, "input": {"q": "a"}}
    [broken] = assembled(*block(0, start, pieces[0])).parts
    assert isinstance(broken, ProviderPart)
    assert broken.data["input"] == {"INVALID_JSON": '{"q":'}


def test_a_call_without_arguments_has_none() -> None:
    start = {"type": "tool_use", "id": "a", "name": "f", "input": {}}
    [call] = assembled(
        *block(0, start, {"type": "input_json_delta", "partial_json": ""})
    ).tool_calls
    assert (call.id, call.name, call.arguments, call.is_malformed) == ("a", "f", {}, False)


def test_a_call_that_is_told_at_once_is_whole() -> None:
    start = {"type": "tool_use", "id": "a", "name": "f", "input": {"x": 1}}
    [call] = assembled(*block(0, start)).tool_calls
    assert call.arguments == {"x": 1}


def test_a_call_by_other_code_remembers_its_caller() -> None:
    caller = {"type": "code_execution_20260120", "tool_id": "srvtoolu_1"}
    start = {"type": "tool_use", "id": "a", "name": "f", "input": {}, "caller": caller}
    [call] = assembled(*block(0, start)).tool_calls
    assert call.signature is not None
    assert json.loads(call.signature) == {"caller": caller}


def test_calls_that_interleave_stay_apart() -> None:
    calls = [
        block(
            index,
            {"type": "tool_use", "id": f"c{index}", "name": "f", "input": {}},
            {"type": "input_json_delta", "partial_json": '{"n":'},
            {"type": "input_json_delta", "partial_json": f" {index}}}"},
        )
        for index in (3, 5)
    ]
    events = [event for pair in zip(*calls, strict=True) for event in pair]
    chunks, reading = fed([begun(), *events, *ended("tool_use")])
    assert {chunk.delta.tool_call_index for chunk in chunks} == {0, 1}
    final = reading.final()
    assert [(call.id, call.arguments) for call in final.tool_calls] == [
        ("c3", {"n": 3}),
        ("c5", {"n": 5}),
    ]


def test_thinking_is_signed_and_hidden_thinking_kept() -> None:
    signed = block(
        0,
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "thinking_delta", "thinking": "h"},
        {"type": "thinking_delta", "thinking": "m"},
        {"type": "signature_delta", "signature": "s1"},
    )
    hidden = block(1, {"type": "redacted_thinking", "data": "s2"})
    silent = block(
        2,
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "signature_delta", "signature": "s3"},
    )
    response = assembled(*signed, *hidden, *silent, *text(3, "42"))
    named: dict[str, Any] = {"provider": "anthropic", "model": "m"}
    assert response.parts == (
        ReasoningPart(text="hm", signature="s1", **named),
        ReasoningPart(signature="s2", redacted=True, **named),
        ReasoningPart(signature="s3", **named),
        TextPart(text="42"),
    )
    assert response.thinking == "hm"


def test_citations_belong_to_their_own_block() -> None:
    cited = block(
        1,
        {"type": "text", "text": "", "citations": []},
        {"type": "text_delta", "text": "sea"},
        {"type": "citations_delta", "citation": CITATION},
    )
    response = assembled(*text(0, "the "), *cited, *text(2, "."))
    assert response.content == "the sea."
    assert response.parts[1] == TextPart(text="sea", citations=(CITATION,))
    assert len(response.parts) == 3


def test_usage_is_of_the_start_and_of_the_end() -> None:
    terms = {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 40}
    start = begun(
        input_tokens=10,
        cache_read_input_tokens=20,
        cache_creation_input_tokens=70,
        cache_creation=terms,
        output_tokens=1,
    )
    told = {
        "input_tokens": None,
        "cache_creation_input_tokens": 75,
        "output_tokens": 50,
        "output_tokens_details": {"thinking_tokens": 15},
        "server_tool_use": {"web_search_requests": 2},
    }
    response = fed([start, *text(0, "a"), *ended(usage=told)])[1].final().response
    assert response is not None
    assert response.usage == Usage(
        input_tokens=10,
        cache_read_tokens=20,
        cache_write_5m_tokens=35,
        cache_write_1h_tokens=40,
        output_tokens=50,
        reasoning_tokens=15,
    )
    assert response.raw["usage"]["server_tool_use"] == {"web_search_requests": 2}


def test_the_end_says_why_and_keeps_what_only_the_api_knows() -> None:
    details = {"type": "refusal", "category": "bio", "explanation": "Not that."}
    events = [begun(), *ended("refusal", stop_details=details, container={"id": "c1"})]
    response = fed(events)[1].final().response
    assert response is not None
    assert (response.finish_reason, response.refusal) == (FinishReason.REFUSAL, "Not that.")
    assert response.raw["container"] == {"id": "c1"}


@pytest.mark.parametrize(
    "event",
    [
        "{oops",
        "[1]",
        "3",
        '{"index": 0}',
        '{"type": "error"}',
        '{"type": "content_block_delta", "index": 7, "delta": {"type": "text_delta"}}',
        '{"type": "content_block_stop", "index": 7}',
        '{"type": "message_start"}',
    ],
)
def test_what_is_no_event_of_a_message_is_named_as_such(event: str) -> None:
    with pytest.raises(InvalidResponseError) as caught:
        assembler().push(event)
    assert caught.value.request_id == "req_1"


def test_a_stream_without_its_end_or_its_reason_is_truncated() -> None:
    for events in ([begun(), *text(0, "a")], [begun(), *ended(None)], [begun(), ended()[0]]):
        with pytest.raises(StreamTruncatedError):
            fed(events)[1].final()


# -- the official SDK as the judge ---------------------------------------------------------------

_WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
_JSON = st.dictionaries(_WORDS, st.one_of(st.integers(-99, 99), _WORDS, st.none()), max_size=3)


@st.composite
def _pieces(draw: Any, whole: str) -> list[str]:
    cuts = sorted(draw(st.sets(st.integers(0, len(whole)), max_size=3)))
    return [whole[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(whole)], strict=True)]


@st.composite
def _blocks(draw: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    kind = draw(st.sampled_from(["text", "thinking", "redacted", "tool", "server", "found"]))
    if kind == "text":
        told = [{"type": "text_delta", "text": each} for each in draw(_pieces(draw(_WORDS)))]
        cited = [{"type": "citations_delta", "citation": CITATION}] * draw(st.integers(0, 2))
        return {"type": "text", "text": "", "citations": None}, [*told, *cited]
    if kind == "thinking":
        thoughts = draw(_pieces(draw(_WORDS)))
        told = [{"type": "thinking_delta", "thinking": each} for each in thoughts]
        signed = {"type": "signature_delta", "signature": draw(st.sampled_from(["s1", "s2"]))}
        return {"type": "thinking", "thinking": "", "signature": ""}, [*told, signed]
    if kind == "redacted":
        return {"type": "redacted_thinking", "data": "opaque"}, []
    if kind == "found":
        found = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}
        return found, []
    arguments = draw(_pieces(json.dumps(draw(_JSON), ensure_ascii=False)))
    named = (
        {"type": "tool_use", "id": "toolu_1", "name": "f"}
        if kind == "tool"
        else {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search"}
    )
    deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *arguments]]
    return {**named, "input": {}}, deltas


def _judged(events: Sequence[dict[str, Any]]) -> LLMResponse:
    """What the official SDK makes of the same stream, read as a whole reply."""
    body = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
    reply = httpx2.Response(200, headers={"content-type": "text/event-stream"}, text=body)
    transport = httpx2.MockTransport(lambda _request: reply)
    with (
        httpx2.Client(transport=transport) as http,
        anthropic.Anthropic(api_key="k", http_client=http) as client,
        client.messages.stream(
            model="m", max_tokens=9, messages=[{"role": "user", "content": "?"}]
        ) as stream,
    ):
        return read_reply(stream.get_final_message().to_dict())


@settings(max_examples=60, deadline=None)
@given(st.lists(_blocks(), max_size=5), st.sampled_from(["end_turn", "pause_turn", "refusal"]))
def test_a_stream_adds_up_to_what_the_official_sdk_makes_of_it(
    blocks: list[tuple[dict[str, Any], list[dict[str, Any]]]], reason: str
) -> None:
    told = [each for n, (start, deltas) in enumerate(blocks) for each in block(n, start, *deltas)]
    usage = {"output_tokens": 7, "output_tokens_details": {"thinking_tokens": 3}}
    start = begun(input_tokens=4, cache_read_input_tokens=2, output_tokens=1)
    events = [start, *told, *ended(reason, usage)]
    chunks, reading = fed(events)
    response, judged = reading.final().response, _judged(events)
    assert response is not None
    assert response.finish_reason is judged.finish_reason
    for name in ("content", "thinking", "tool_calls", "parts", "usage", "raw_finish_reason"):
        assert getattr(response, name) == getattr(judged, name), name
    assert "".join(chunk.delta.text for chunk in chunks) == (judged.content or "")
    assert "".join(chunk.delta.thinking for chunk in chunks) == (judged.thinking or "")


# -- over the wire -------------------------------------------------------------------------------


@pytest.fixture
def read(voice: Voice, kit: AnthropicDeveloperKit) -> Callable[..., Iterator[StreamChunk]]:
    """Streams a request, in either voice."""
    return lambda config=ASK: voice.iterate(kit, "stream", config)


def test_one_chunk_is_final_and_it_is_the_last(
    anthropic_server: AnthropicServer, read: Callable[..., Iterator[StreamChunk]]
) -> None:
    usage = Usage(input_tokens=3, cache_read_tokens=9, output_tokens=8, reasoning_tokens=6)
    calls = [ToolCall(name="f", arguments={"city": "Rome"}), ToolCall(name="g")]
    anthropic_server.say(["The ", "sea."], thinking=["h", "m"], tool_calls=calls, usage=usage)
    chunks = list(read())
    assert [chunk.is_final for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert [chunk.delta.text for chunk in chunks if chunk.delta.text] == ["The ", "sea."]
    assert [chunk.delta.thinking for chunk in chunks if chunk.is_thinking] == ["h", "m"]
    assert all(not chunk.tool_calls for chunk in chunks[:-1])
    final = chunks[-1]
    assert [(call.name, call.arguments) for call in final.tool_calls] == [
        ("f", {"city": "Rome"}),
        ("g", {}),
    ]
    assert (final.finish_reason, final.usage.total_tokens) == (FinishReason.TOOL_CALL, 20)
    assert final.usage.reasoning_tokens == 6
    assert final.accumulated_text == "The sea."


def test_a_stream_that_breaks_off_in_a_call_says_what_had_come(
    anthropic_server: AnthropicServer, read: Callable[..., Iterator[StreamChunk]]
) -> None:
    call = ToolCall(name="f", arguments={"city": "Rome, the eternal city"})
    anthropic_server.say(["Let me ", "see."], tool_calls=[call], conduct=Conduct(cut_after=9))
    with pytest.raises(StreamTruncatedError) as caught:
        list(read())
    partial = caught.value.partial
    assert partial.content == "Let me see."
    assert partial.tool_calls[0].name == "f"
    assert partial.tool_calls[0].is_malformed
    assert partial.finish_reason is FinishReason.ERROR
    assert (partial.usage.input_tokens, partial.usage.state) == (10, UsageState.PARTIAL)
    assert len(anthropic_server.requests) == 1


def test_a_key_that_is_refused_in_mid_stream_is_an_error_of_its_kind(
    anthropic_server: AnthropicServer, read: Callable[..., Iterator[StreamChunk]]
) -> None:
    anthropic_server.say(["a"], failure_after=Failure(kind="unauthorized"))
    with pytest.raises(RactoGatewayAuthError):
        list(read())


def test_a_stream_that_was_read_gives_its_connection_back(
    anthropic_server: AnthropicServer, read: Callable[..., Iterator[StreamChunk]]
) -> None:
    for _ in range(3):
        list(read())
    assert anthropic_server.connections == 1
