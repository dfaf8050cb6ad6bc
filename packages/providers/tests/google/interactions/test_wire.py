"""Interactions without a server: whole ones and streams are read alike, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from google.genai import interactions

from racto.core import (
    ChatConfig,
    FinishReason,
    InvalidResponseError,
    LLMResponse,
    Message,
    OverloadedError,
    RactoGatewayAPIError,
    StreamChunk,
    StreamTruncatedError,
    UsageState,
)
from racto.core.content import AudioPart, ProviderPart, ReasoningPart, TextPart, ToolCallPart
from racto.providers.google.access import access
from racto.providers.google.interactions import InteractionsWire
from racto.providers.kits import Turn, WireReply, WireRequest


def wire(**options: Any) -> InteractionsWire:
    service = access(**({"api_key": "k"} | options))
    return InteractionsWire(service.endpoint, service.connect().translator)


def encoded(*messages: Message, **config: Any) -> WireRequest:
    asked = ChatConfig(user_message="x", **config)
    return wire().encode(Turn(model="m", messages=messages or (Message.user("x"),), config=asked))


REQUEST = encoded()


def decoded(body: Any) -> LLMResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return wire().decode(REQUEST, WireReply(body=raw, request_id="q"))


def streamed(events: Sequence[Any]) -> list[StreamChunk]:
    assembler = wire().assembler(REQUEST, "q")
    chunks: list[StreamChunk] = []
    for event in events:
        # What the SDK cannot read would prove nothing.
        interactions.InteractionSSEStreamEvent.model_validate({"data": event})
        chunks += assembler.push(json.dumps(event))
    assert not assembler.push("[DONE]")
    return [*chunks, assembler.final()]


def begun(index: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {"event_type": "step.start", "index": index, "step": {"type": kind, **fields}}


def piece(index: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {"event_type": "step.delta", "index": index, "delta": {"type": kind, **fields}}


def ended(index: int, **fields: Any) -> dict[str, Any]:
    return {"event_type": "step.stop", "index": index, **fields}


def lifecycle(what: str, status: str, **fields: Any) -> dict[str, Any]:
    told = {"id": "i1", "status": status, "model": "gemini-3.8-flash", **fields}
    return {"event_type": f"interaction.{what}", "interaction": told}


USAGE = {
    "total_input_tokens": 9,
    "total_cached_tokens": 4,
    "total_output_tokens": 5,
    "total_thought_tokens": 3,
    "total_tool_use_tokens": 2,
    "total_tokens": 19,
}
SEARCH = {
    "type": "google_search_call",
    "id": "g",
    "arguments": {"queries": ["x"]},
    "signature": "s",
}
NOTE = {"type": "url_citation", "url": "https://x.test", "title": "X"}

WHOLE = {
    "id": "i1",
    "status": "requires_action",
    "model": "gemini-3.8-flash",
    "usage": USAGE,
    "steps": [
        {
            "type": "thought",
            "signature": "c2ln",
            "summary": [{"type": "text", "text": "Let me "}, {"type": "text", "text": "see."}],
        },
        SEARCH,
        {
            "type": "model_output",
            "content": [
                {"type": "text", "text": "Hel"},
                {"type": "text", "text": "lo", "annotations": [NOTE]},
            ],
        },
        {"type": "function_call", "id": "c1", "name": "f", "arguments": {"a": 1}},
        {"type": "function_call", "id": "c2", "name": "g", "arguments": {}},
    ],
}

EVENTS = [
    lifecycle("created", "in_progress"),
    {"event_type": "interaction.status_update", "interaction_id": "i1", "status": "in_progress"},
    begun(0, "thought"),
    piece(0, "thought_summary", content={"type": "text", "text": "Let me "}),
    piece(0, "thought_summary", content={"type": "text", "text": "see."}),
    piece(0, "thought_signature", signature="c2ln"),
    ended(0),
    begun(1, "google_search_call", id="g", arguments={}),
    piece(1, "google_search_call", arguments={"queries": ["x"]}, signature="s"),
    ended(1, usage={"total_input_tokens": 9}),
    begun(2, "model_output"),
    piece(2, "text", text="Hel"),
    piece(2, "text", text="lo"),
    piece(2, "text_annotation_delta", annotations=[NOTE]),
    ended(2),
    begun(3, "function_call", id="c1", name="f", arguments={}),
    begun(4, "function_call", id="c2", name="g", arguments={}),
    piece(3, "arguments_delta", arguments='{"a"'),
    piece(3, "arguments_delta", arguments=": 1}"),
    ended(4),
    ended(3),
    lifecycle("completed", "requires_action", usage=USAGE),
]


def _check(response: LLMResponse) -> None:
    assert (response.content, response.thinking) == ("Hello", "Let me see.")
    assert response.parts == (
        ReasoningPart(
            text="Let me see.", signature="c2ln", provider="google", model="gemini-3.8-flash"
        ),
        ProviderPart(provider="google", data=SEARCH),
        TextPart(text="Hello", citations=(NOTE,)),
        ToolCallPart(id="c1", name="f", arguments={"a": 1}),
        ToolCallPart(id="c2", name="g"),
    )
    assert response.finish_reason is FinishReason.TOOL_CALL
    assert response.raw_finish_reason == "requires_action"
    usage = response.usage
    assert (usage.input_tokens, usage.cache_read_tokens) == (7, 4)
    assert (usage.output_tokens, usage.reasoning_tokens) == (8, 3)
    assert usage.total_tokens == 19
    assert (response.response_id, response.request_id) == ("i1", "q")


def test_a_whole_interaction_keeps_every_step() -> None:
    _check(decoded(WHOLE))


def test_a_stream_makes_the_same_response() -> None:
    *chunks, last = streamed(EVENTS)
    assert last.response is not None
    _check(last.response)
    assert [chunk.is_final for chunk in chunks] == [False] * len(chunks)
    assert "".join(chunk.delta.text for chunk in chunks) == "Hello"


def test_steps_that_stand_whole_in_their_first_event_are_read_too() -> None:
    steps: list[Any] = WHOLE["steps"]  # type: ignore[assignment]
    events = [
        event
        for number, step in enumerate(steps)
        for event in ({"event_type": "step.start", "index": number, "step": step}, ended(number))
    ]
    last = streamed([EVENTS[0], *events, EVENTS[-1]])[-1]
    assert last.response is not None
    _check(last.response)


def test_what_a_reply_held_goes_back_as_it_was() -> None:
    made = encoded(decoded(WHOLE).message).body["input"]
    assert made == [
        {
            "type": "thought",
            "signature": "c2ln",
            "summary": [{"type": "text", "text": "Let me see."}],
        },
        SEARCH,
        {"type": "model_output", "content": [{"type": "text", "text": "Hello"}]},
        {"type": "function_call", "id": "c1", "name": "f", "arguments": {"a": 1}},
        {"type": "function_call", "id": "c2", "name": "g", "arguments": {}},
    ]


@pytest.mark.parametrize(
    ("status", "finish"),
    [
        ("completed", FinishReason.STOP),
        ("incomplete", FinishReason.LENGTH),
        ("budget_exceeded", FinishReason.LENGTH),
        ("cancelled", FinishReason.CANCELLED),
        ("failed", FinishReason.ERROR),
        ("in_progress", FinishReason.UNKNOWN),
        ("something_new", FinishReason.UNKNOWN),
    ],
)
def test_an_interaction_tells_how_it_ended(status: str, finish: FinishReason) -> None:
    steps = [{"type": "model_output", "content": [{"type": "text", "text": "a"}]}]
    response = decoded({"id": "i", "status": status, "steps": steps})
    assert (response.content, response.finish_reason) == ("a", finish)
    assert response.raw_finish_reason == status


def test_a_failed_interaction_is_the_error_it_tells() -> None:
    body = {
        "id": "i",
        "status": "failed",
        "usage": {"total_input_tokens": 9},
        "errors": [{"code": "unavailable", "message": "busy"}],
    }
    with pytest.raises(OverloadedError, match="busy") as caught:
        decoded(body)
    assert caught.value.partial.usage.input_tokens == 9


def test_an_interaction_that_was_stopped_can_be_gone_on_with() -> None:
    body = WHOLE | {"status": "requires_continuation", "continuation_token": "tok", "steps": []}
    events = [
        lifecycle("created", "in_progress"),
        lifecycle("completed", "requires_continuation", continuation_token="tok"),
    ]
    for response in (decoded(body), streamed(events)[-1].response):
        assert response is not None
        assert response.finish_reason is FinishReason.PAUSE
        request = encoded(Message.user("x"), response.message)
        assert request.body["continuation_token"] == "tok"
        assert len(request.body["input"]) == 1


def test_a_cut_stream_keeps_what_came() -> None:
    with pytest.raises(StreamTruncatedError, match="before the interaction did") as caught:
        streamed(EVENTS[:17])
    partial: LLMResponse = caught.value.partial
    assert partial.content == "Hello"
    assert partial.usage.state is UsageState.PARTIAL
    assert partial.usage.input_tokens == 9
    # Their arguments never came, or not to their end.
    assert [call.is_malformed for call in partial.tool_calls] == [True, True]


def test_a_sound_in_pieces_is_one_part() -> None:
    events = [
        begun(0, "model_output"),
        piece(0, "audio", data="YWI=", mime_type="audio/mp3"),
        piece(0, "audio", data="Y2Q=", mime_type="audio/mp3"),
        ended(0),
        lifecycle("completed", "completed"),
    ]
    response = streamed(events)[-1].response
    assert response is not None
    assert response.parts == (AudioPart(data=b"abcd", mime_type="audio/mp3"),)


def test_an_error_in_mid_stream_is_told_by_its_words() -> None:
    assembler = wire().assembler(REQUEST, "q")
    for event in EVENTS[:12]:
        assembler.push(json.dumps(event))
    error = {"event_type": "error", "error": {"code": "unavailable", "message": "busy"}}
    with pytest.raises(OverloadedError, match="busy"):
        assembler.push(json.dumps(error))
    assert assembler.cut("x").partial.content == "Hel"


def test_events_that_are_not_known_do_no_harm() -> None:
    events = [{"event_type": "something.new"}, *EVENTS]
    response = streamed(events)[-1].response
    assert response is not None
    _check(response)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html>", "not JSON"),
        (b"[]", "not a JSON object"),
        ({}, "another shape"),
        ({"status": "completed", "steps": [7]}, "another shape"),
        ({"status": "completed", "steps": [{"type": "function_call"}]}, "another shape"),
        (
            {
                "status": "completed",
                "steps": [{"type": "model_output", "content": [{"text": "a"}]}],
            },
            "another shape",
        ),
        (
            {
                "status": "completed",
                "steps": [{"type": "model_output", "content": [{"type": "text", "text": 7}]}],
            },
            "another shape",
        ),
    ],
)
def test_a_reply_of_another_shape_is_an_error(body: Any, told: str) -> None:
    with pytest.raises(InvalidResponseError, match=told):
        decoded(body)


@pytest.mark.parametrize("event", [{"event_type": "step.delta"}, {"event_type": "step.start"}])
def test_an_event_of_another_shape_is_an_error(event: dict[str, Any]) -> None:
    with pytest.raises(RactoGatewayAPIError, match="another shape"):
        wire().assembler(REQUEST, None).push(json.dumps(event))


def test_where_requests_go() -> None:
    assert REQUEST.path == "/v1/interactions"
    turn = Turn(model="m", messages=[Message.user("x")], config=ChatConfig(user_message="x"))
    cloud = wire(api_key=None, vertexai=True, project="p", location="eu")
    assert cloud.encode(turn).path == "/v1beta1/projects/p/locations/eu/interactions"
    body = encoded(Message.system("a"), Message.user("x"), Message.system("b")).body
    assert body["system_instruction"] == "a\n\nb"
