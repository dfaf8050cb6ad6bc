"""Streams of compatible servers, as they really come: no ids, no indexes, other names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from racto.core import FinishReason, RactoGatewayError, StreamTruncatedError
from racto.core.content import TextPart
from racto.providers.connections import Translator
from racto.providers.kits import WireRequest
from racto.providers.openai import OPENAI, ChatDialect
from racto.providers.openai.chunks import ChatAssembler
from racto.providers.openai.failures import OPENAI_VOCABULARY

REQUEST = WireRequest(path="/chat/completions", model="m", body={"model": "m"}, dropped=("top_k",))


def assembler(dialect: ChatDialect = OPENAI) -> ChatAssembler:
    return ChatAssembler(
        dialect, Translator("openai", OPENAI_VOCABULARY), request=REQUEST, request_id="req_1"
    )


def event(delta: dict[str, Any], finish: str | None = None, **more: Any) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, **more}
    return json.dumps({"id": "c1", "model": "m2", "choices": [choice]})


def test_the_response_names_its_origin_and_what_was_dropped() -> None:
    reading = assembler()
    reading.push(event({"content": "x"}, "stop"))
    response = reading.final().response
    assert response is not None
    assert (response.model, response.response_id, response.request_id) == ("m2", "c1", "req_1")
    assert response.dropped == ("top_k",)


def test_reasoning_text_and_calls_of_one_event_are_all_handed_out() -> None:
    reading = assembler()
    calls = [
        {"index": n, "id": f"c{n}", "function": {"name": "f", "arguments": "{}"}} for n in range(2)
    ]
    chunks = reading.push(event({"content": "a", "reasoning": "b", "tool_calls": calls}))
    assert [(chunk.delta.text, chunk.delta.thinking) for chunk in chunks[:1]] == [("a", "b")]
    assert [chunk.delta.tool_call_id for chunk in chunks[1:]] == ["c0", "c1"]
    reading.push(event({}, "tool_calls"))
    final = reading.final()
    assert final.response is not None
    assert [part.type for part in final.response.parts] == [
        "reasoning",
        "text",
        "tool_call",
        "tool_call",
    ]


def test_calls_without_ids_get_ids_and_stay_apart() -> None:
    reading = assembler()
    for city in ("Rome", "Oslo"):
        arguments = json.dumps({"city": city})
        reading.push(event({"tool_calls": [{"function": {"name": "f", "arguments": arguments}}]}))
    reading.push(event({}, "stop"))
    final = reading.final()
    assert [call.arguments["city"] for call in final.tool_calls] == ["Rome", "Oslo"]
    assert [call.id for call in final.tool_calls] == ["c1_0", "c1_1"]
    assert final.finish_reason is FinishReason.TOOL_CALL
    assert final.response is not None
    assert [part.id for part in final.response.message.tool_calls] == ["c1_0", "c1_1"]


def test_refusals_and_logprobs_are_kept() -> None:
    reading = assembler()
    reading.push(event({"refusal": "No."}, logprobs={"content": [{"token": "N"}]}))
    reading.push(event({"refusal": " Never."}, "stop", logprobs={"content": [{"token": "e"}]}))
    final = reading.final()
    assert final.finish_reason is FinishReason.REFUSAL
    assert final.response is not None
    assert final.response.refusal == "No. Never."
    assert final.response.logprobs is not None
    assert [each.token for each in final.response.logprobs] == ["N", "e"]


def test_parts_stay_where_they_came_when_ids_are_made() -> None:
    reading = assembler()
    reading.push(event({"tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}))
    reading.push(event({"content": "Wait."}, "stop"))
    final = reading.final()
    assert final.response is not None
    assert [part.type for part in final.response.parts] == ["tool_call", "text"]
    assert final.response.message.tool_calls[0].id == "c1_0"


def test_usage_in_any_event_is_taken_and_never_shrinks() -> None:
    reading = assembler()
    whole = {"prompt_tokens": 5, "completion_tokens": 2}
    reading.push(json.dumps({"choices": [], "usage": whole}))
    reading.push(event({"content": "x"}, "stop"))
    reading.push(json.dumps({"choices": [], "usage": None}))
    reading.push(json.dumps({"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 0}}))
    assert reading.final().usage.total_tokens == 7


def test_servers_that_never_tell_why_end_with_done() -> None:
    dialect = ChatDialect(sends_finish_reason=False)
    reading = assembler(dialect)
    reading.push(event({"content": "x"}))
    reading.push("[DONE]")
    assert reading.is_done
    assert reading.final().finish_reason is FinishReason.STOP
    cut = assembler(dialect)
    cut.push(event({"content": "x"}))
    with pytest.raises(StreamTruncatedError):
        cut.final()


@pytest.mark.parametrize(
    ("error", "status"),
    [({"message": "m", "code": 502}, 502), ("plain words", None), ({"type": "server_error"}, None)],
)
def test_an_error_event_is_an_error(error: Any, status: int | None) -> None:
    with pytest.raises(RactoGatewayError) as caught:
        assembler().push(json.dumps({"error": error}))
    assert caught.value.status_code == status
    assert caught.value.request_id == "req_1"


def test_sources_of_a_streamed_text_are_kept() -> None:
    assembled = assembler()
    source = {"type": "url_citation", "url_citation": {"url": "https://example.org"}}
    assembled.push(event({"content": "It is "}))
    assembled.push(event({"content": "so.", "annotations": [source]}))
    assembled.push(event({}, "stop"))
    assembled.push("[DONE]")
    response = assembled.final().response
    assert response is not None
    assert response.content == "It is so."
    (part,) = response.parts
    assert isinstance(part, TextPart)
    assert part.citations == (source,)
