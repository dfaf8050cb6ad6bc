"""Whatever a server sends instead of a good reply, only racto's errors come out of the wires."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.core import InvalidResponseError, RactoGatewayError, StreamTruncatedError
from racto.providers.anthropic.wire import MessagesWire
from racto.providers.connections import Translator, Vocabulary
from racto.providers.google.endpoints import gemini_endpoint
from racto.providers.google.failures import GOOGLE_VOCABULARY, GoogleTranslator
from racto.providers.google.interactions.wire import InteractionsWire
from racto.providers.google.wire import GenerateContentWire
from racto.providers.kits import Wire, WireReply, WireRequest
from racto.providers.ollama.failures import OLLAMA_VOCABULARY, OllamaTranslator
from racto.providers.ollama.wire import OllamaWire
from racto.providers.openai import OPENAI
from racto.providers.openai.chat_wire import ChatWire
from racto.providers.openai.responses_wire import ResponsesWire

THEIRS = Translator("them", Vocabulary())
GOOGLES = GoogleTranslator("google", GOOGLE_VOCABULARY)
REQUEST = WireRequest(path="/chat", body={}, model="m")

CALL = {"name": "f", "arguments": {"a": 1}}
LOGPROBS = [{"token": "a", "logprob": -1.0, "top_logprobs": [{"token": "b", "logprob": -2.0}]}]

CHAT_USAGE = {
    "prompt_tokens": 3,
    "completion_tokens": 2,
    "prompt_tokens_details": {"cached_tokens": 1},
    "completion_tokens_details": {"reasoning_tokens": 1},
}
CHAT_CALL = {"index": 0, "id": "t", "function": {"name": "f", "arguments": '{"a":1}'}}


def chunk(delta: Any, finish: Any = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "model": "q", "choices": [{**choice, "logprobs": {"content": LOGPROBS}}]}


CHAT = {
    "id": "c",
    "model": "q",
    "choices": [
        {
            "message": {
                "content": "hi",
                "reasoning_content": "t",
                "refusal": None,
                "annotations": [{"type": "u"}],
                "audio": {"data": "AAAA", "transcript": "x"},
                "tool_calls": [CHAT_CALL],
            },
            "finish_reason": "tool_calls",
            "logprobs": {"content": LOGPROBS},
        }
    ],
    "usage": CHAT_USAGE,
}
CHAT_STREAM = [
    chunk({"content": "hel"}),
    chunk({"content": [{"text": "lo"}], "reasoning_content": "r", "refusal": "no"}),
    chunk({"tool_calls": [CHAT_CALL]}),
    chunk({"tool_calls": [{"index": 0, "function": {"arguments": " "}}]}),
    chunk({}, "tool_calls"),
    {"id": "c", "choices": [], "usage": CHAT_USAGE},
]

ITEMS = [
    {
        "type": "reasoning",
        "id": "r",
        "summary": [{"type": "summary_text", "text": "s"}],
        "encrypted_content": "e",
    },
    {
        "type": "message",
        "phase": "final",
        "content": [
            {"type": "output_text", "text": "hi", "annotations": [{"x": 1}], "logprobs": LOGPROBS},
            {"type": "refusal", "refusal": "no"},
        ],
    },
    {"type": "function_call", "call_id": "t", "name": "f", "arguments": "{}", "namespace": "n"},
    {"type": "web_search_call", "id": "w"},
    {"type": "image_generation_call", "result": "AAAA", "output_format": "png"},
]
RESPONSE = {
    "id": "r",
    "model": "m",
    "status": "completed",
    "incomplete_details": {"reason": "x"},
    "output": ITEMS,
    "usage": {"input_tokens": 3, "output_tokens": 2, "input_tokens_details": {"cached_tokens": 1}},
}
PLACE = {"output_index": 0, "content_index": 0}
RESPONSES_STREAM = [
    {"type": "response.created", "response": {"id": "r", "model": "m"}},
    {"type": "response.reasoning_summary_text.delta", **PLACE, "summary_index": 0, "delta": "s"},
    {"type": "response.output_item.done", **PLACE, "item": ITEMS[0]},
    {"type": "response.output_text.delta", "output_index": 1, "content_index": 0, "delta": "h"},
    {"type": "response.refusal.delta", "output_index": 1, "content_index": 1, "delta": "no"},
    {"type": "response.output_text.done", "output_index": 1, "content_index": 0, "text": "hi"},
    {"type": "response.output_item.done", "output_index": 1, "item": ITEMS[1]},
    {"type": "response.output_item.added", "output_index": 2, "item": ITEMS[2]},
    {"type": "response.function_call_arguments.delta", "output_index": 2, "delta": "{}"},
    {"type": "response.function_call_arguments.done", "output_index": 2, "arguments": "{}"},
    {"type": "response.output_item.done", "output_index": 2, "item": ITEMS[2]},
    {"type": "response.output_item.done", "output_index": 3, "item": ITEMS[4]},
    {"type": "response.completed", "response": RESPONSE},
]

BLOCKS: list[dict[str, Any]] = [
    {"type": "thinking", "thinking": "t", "signature": "s"},
    {"type": "redacted_thinking", "data": "d"},
    {"type": "text", "text": "hi", "citations": [{"type": "char_location", "cited_text": "x"}]},
    {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}, "caller": {"type": "x"}},
    {"type": "server_tool_use", "id": "q", "name": "w", "input": {}},
]
MESSAGE: dict[str, Any] = {
    "id": "msg",
    "model": "claude",
    "content": BLOCKS,
    "stop_reason": "tool_use",
    "stop_details": {"type": "refusal", "explanation": "no", "category": "c"},
    "usage": {
        "input_tokens": 1,
        "output_tokens": 2,
        "cache_creation": {"ephemeral_5m_input_tokens": 1},
        "cache_read_input_tokens": 3,
        "output_tokens_details": {"thinking_tokens": 1},
    },
}


def grown(index: int, **delta: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": delta}


MESSAGES_STREAM: list[dict[str, Any]] = [
    {"type": "message_start", "message": {**MESSAGE, "content": []}},
    *(
        {"type": "content_block_start", "index": index, "content_block": block}
        for index, block in enumerate(BLOCKS)
    ),
    grown(0, type="thinking_delta", thinking="hm"),
    grown(0, type="signature_delta", signature="sig"),
    grown(2, type="text_delta", text="hello"),
    grown(2, type="citations_delta", citation={"type": "char_location"}),
    grown(3, type="input_json_delta", partial_json='{"a":1}'),
    grown(4, type="input_json_delta", partial_json='{"q":1}'),
    *({"type": "content_block_stop", "index": index} for index in range(len(BLOCKS))),
    {
        "type": "message_delta",
        "delta": {"stop_reason": "refusal", "stop_details": {"type": "refusal", "category": "x"}},
        "usage": {"output_tokens": 9, "input_tokens": 3},
    },
    {"type": "message_stop"},
]

LINE = {
    "model": "qwen",
    "created_at": "2026-01-01T00:00:00Z",
    "message": {"content": "hi", "thinking": "t", "tool_calls": [{"id": "x", "function": CALL}]},
    "done": True,
    "done_reason": "stop",
    "prompt_eval_count": 3,
    "eval_count": 4,
    "prompt_eval_cached_count": 1,
    "logprobs": LOGPROBS,
}

CANDIDATE = {
    "content": {
        "parts": [
            {"text": "thinking", "thought": True, "thoughtSignature": "s"},
            {"text": "hi", "thoughtSignature": "s"},
            {"functionCall": {"id": "c", "name": "f", "args": {"a": 1}}},
            {"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thoughtSignature": "s"},
            {"executableCode": {"code": "1"}},
        ]
    },
    "finishReason": "STOP",
    "continuationToken": "t",
    "citationMetadata": {"citationSources": [{"uri": "u"}]},
    "groundingMetadata": {"x": 1},
    "logprobsResult": {
        "chosenCandidates": [{"token": "a", "logProbability": -1}],
        "topCandidates": [{"candidates": [{"token": "a", "logProbability": -1}]}],
    },
}
GEMINI = {
    "responseId": "r",
    "modelVersion": "gemini",
    "candidates": [CANDIDATE],
    "promptFeedback": {"safetyRatings": [{"category": "C", "blocked": True}]},
    "usageMetadata": {
        "promptTokenCount": 3,
        "candidatesTokenCount": 2,
        "thoughtsTokenCount": 1,
        "cachedContentTokenCount": 1,
    },
}
PIECE = {"jsonPath": "$.a[0]", "stringValue": "x", "willContinue": True}
GEMINI_STREAM = [
    {
        "candidates": [
            {"content": {"parts": [{"functionCall": {"name": "g", "willContinue": True, **more}}]}}
        ]
    }
    for more in ({"partialArgs": [PIECE]}, {"partialArgs": [PIECE], "willContinue": False})
] + [GEMINI]

STEPS: list[dict[str, Any]] = [
    {"type": "thought", "summary": [{"type": "text", "text": "t"}], "signature": "s"},
    {
        "type": "model_output",
        "content": [
            {"type": "text", "text": "hi", "annotations": [{"x": 1}]},
            {"type": "image", "data": "AAAA", "mime_type": "image/png"},
            {"type": "audio", "data": "AAAA", "mime_type": "audio/wav"},
        ],
    },
    {"type": "function_call", "id": "c", "name": "f", "arguments": {"a": 1}},
    {"type": "google_search_call", "id": "g"},
]
INTERACTION = {
    "id": "i",
    "model": "gemini",
    "status": "completed",
    "steps": STEPS,
    "continuation_token": "t",
    "usage": {"total_input_tokens": 3, "total_output_tokens": 2, "total_thought_tokens": 1},
}
INTERACTIONS_STREAM = [
    {"event_type": "interaction.created", "interaction": {"id": "i", "status": "in_progress"}},
    *(
        {"event_type": "step.start", "index": index, "step": step}
        for index, step in enumerate(STEPS)
    ),
    {"event_type": "step.delta", "index": 1, "delta": {"type": "text", "text": "lo"}},
    {"event_type": "step.delta", "index": 0, "delta": {"type": "thought_signature", "signature": "s"}},
    {"event_type": "step.delta", "index": 2, "delta": {"type": "arguments_delta", "arguments": "{}"}},
    {"event_type": "step.delta", "index": 3, "delta": {"type": "google_search", "query": "q"}},
    *({"event_type": "step.stop", "index": index} for index in range(3)),
    {"event_type": "interaction.completed", "interaction": INTERACTION},
]  # fmt: skip

WIRES: dict[str, tuple[Wire, Any, list[Any]]] = {
    "chat": (ChatWire(OPENAI, THEIRS), CHAT, CHAT_STREAM),
    "responses": (ResponsesWire(OPENAI, THEIRS), RESPONSE, RESPONSES_STREAM),
    "messages": (MessagesWire(THEIRS), MESSAGE, MESSAGES_STREAM),
    "ollama": (
        OllamaWire(OllamaTranslator("ollama", OLLAMA_VOCABULARY)),
        LINE,
        [{**LINE, "done": False}, LINE],
    ),
    "gemini": (GenerateContentWire(gemini_endpoint(), GOOGLES), GEMINI, GEMINI_STREAM),
    "interactions": (
        InteractionsWire(gemini_endpoint(), GOOGLES),
        INTERACTION,
        INTERACTIONS_STREAM,
    ),
}

Mutated = Callable[..., st.SearchStrategy[Any]]


def test_the_good_replies_are_good() -> None:
    for wire, whole, events in WIRES.values():
        response = wire.decode(REQUEST, WireReply(body=json.dumps(whole).encode()))
        assembler = wire.assembler(REQUEST, None)
        for event in events:
            assembler.push(json.dumps(event))
        chunk = assembler.final()
        assert chunk.response is not None
        for each in (response, chunk.response):
            assert (each.content, each.model) != (None, "m")
            assert each.tool_calls
            assert 0 not in (each.usage.input_tokens, each.usage.output_tokens)


@pytest.mark.parametrize("name", WIRES)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_whole_reply_gets_past_a_wire(name: str, mutated: Mutated, data: st.DataObject) -> None:
    wire, whole, _ = WIRES[name]
    body = json.dumps(data.draw(mutated(whole))).encode()
    try:
        response = wire.decode(REQUEST, WireReply(body=body))
    except RactoGatewayError:
        return
    assert response.usage.total_tokens < 10**14
    response.message.model_dump_json()


@pytest.mark.parametrize("name", WIRES)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_stream_gets_past_an_assembler(name: str, mutated: Mutated, data: st.DataObject) -> None:
    wire, _, good = WIRES[name]
    events = data.draw(mutated(good, "\ud83d"))
    assembler = wire.assembler(REQUEST, None)
    try:
        for event in events:
            for chunk in assembler.push(json.dumps(event)):
                assert isinstance(chunk.accumulated_text, str)
                assert isinstance(chunk.accumulated_thinking, str)
        final = assembler.final()
    except RactoGatewayError:
        cut = assembler.cut("it broke")
        assert isinstance(cut, StreamTruncatedError)
        return
    assert final.response is not None
    assert final.response.usage.total_tokens < 10**14
    final.response.message.model_dump_json()


@pytest.mark.parametrize(
    ("name", "place", "field"),
    [
        ("chat", (0, "choices", 0, "delta"), "content"),
        ("chat", (1, "choices", 0, "delta"), "refusal"),
        ("chat", (0,), "id"),
        ("chat", (2, "choices", 0, "delta", "tool_calls", 0, "function"), "name"),
        ("responses", (3,), "delta"),
        ("responses", (0, "response"), "model"),
        ("messages", (6, "delta"), "thinking"),
        ("messages", (8, "delta"), "text"),
        ("messages", (9, "delta"), "citation"),
        ("messages", (10, "delta"), "partial_json"),
        ("messages", (4, "content_block"), "name"),
        ("ollama", (0, "message"), "content"),
        ("gemini", (2, "candidates", 0, "content", "parts", 1), "text"),
        ("interactions", (5, "delta"), "text"),
    ],
)
def test_a_field_of_another_type_is_told_where_it_stands(
    name: str, place: tuple[Any, ...], field: str
) -> None:
    wire, _, good = WIRES[name]
    events: Any = copy.deepcopy(good)
    holder = events
    for key in place:
        holder = holder[key]
    assert field in holder
    holder[field] = 1.5
    assembler = wire.assembler(REQUEST, None)
    for event in events[: place[0]]:
        assembler.push(json.dumps(event))
    with pytest.raises(InvalidResponseError, match=field):
        assembler.push(json.dumps(events[place[0]]))
    assert assembler.cut("it broke").partial is not None
