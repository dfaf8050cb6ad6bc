"""The wire without a server: requests in Google's JSON, whole replies and streams read alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from racto.core import (
    ChatConfig,
    ContentFilterError,
    FinishReason,
    InvalidResponseError,
    LLMResponse,
    Message,
    OverloadedError,
    RactoGatewayError,
    StreamChunk,
    StreamTruncatedError,
    UsageState,
)
from racto.core.content import (
    ImagePart,
    ProviderPart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
)
from racto.providers.google.access import access
from racto.providers.google.wire import GenerateContentWire
from racto.providers.kits import Turn, WireReply, WireRequest

MODEL = "gemini-3.8-flash"


def wire() -> GenerateContentWire:
    service = access(api_key="k")
    return GenerateContentWire(service.endpoint, service.connect().translator)


def encoded(*messages: Message, stream: bool = False, **config: Any) -> WireRequest:
    asked = ChatConfig(user_message="x", **config)
    turns = messages or (Message.user("x"),)
    return wire().encode(Turn(model=MODEL, messages=turns, config=asked, stream=stream))


REQUEST = encoded()


def event(
    *parts: dict[str, Any], finish: str | None = None, usage: Any = None, **more: Any
) -> dict[str, Any]:
    candidate: dict[str, Any] = {"index": 0, **more}
    if parts:
        candidate["content"] = {"role": "model", "parts": list(parts)}
    if finish:
        candidate["finishReason"] = finish
    made = {"candidates": [candidate], "modelVersion": "gemini-3.8-flash-002", "responseId": "r1"}
    return made | ({"usageMetadata": usage} if usage else {})


def decoded(body: Any) -> LLMResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return wire().decode(REQUEST, WireReply(body=raw, request_id="q1"))


def streamed(events: Sequence[Any]) -> list[StreamChunk]:
    assembler = wire().assembler(REQUEST, "q1")
    chunks = [chunk for each in events for chunk in assembler.push(json.dumps(each))]
    return [*chunks, assembler.final()]


def test_where_requests_go() -> None:
    assert REQUEST.path == f"/v1/models/{MODEL}:generateContent"
    assert encoded(stream=True).path == f"/v1/models/{MODEL}:streamGenerateContent?alt=sse"


def test_a_request_is_made_of_turns_system_text_and_fields() -> None:
    request = encoded(
        Message.system("be brief"), Message.user("x"), extra={"labels": {"a": "b"}}, top_k=3
    )
    assert request.body == {
        "contents": [{"role": "user", "parts": [{"text": "x"}]}],
        "systemInstruction": {"role": "user", "parts": [{"text": "be brief"}]},
        "generationConfig": {"topK": 3, "maxOutputTokens": 4096},
        "labels": {"a": "b"},
    }
    assert encoded(cache="5m", on_unsupported="drop").dropped == ("cache",)


WHOLE: list[dict[str, Any]] = [
    {"text": "Let me ", "thought": True},
    {"text": "see.", "thought": True, "thoughtSignature": "c2ln"},
    {"text": "Hel"},
    {"text": "lo"},
    {"executableCode": {"language": "PYTHON", "code": "1"}},
    {"functionCall": {"name": "f", "args": {"a": 1}}, "thoughtSignature": "cGFy"},
    {"functionCall": {"id": "given", "name": "g"}},
    {"text": "", "thoughtSignature": "ZW5k"},
]
USAGE = {"promptTokenCount": 9, "cachedContentTokenCount": 4, "candidatesTokenCount": 5}


def _check_whole(response: LLMResponse) -> None:
    assert (response.content, response.thinking) == ("Hello", "Let me see.")
    assert response.parts == (
        ReasoningPart(
            text="Let me see.", signature="c2ln", provider="google", model="gemini-3.8-flash-002"
        ),
        TextPart(text="Hello"),
        ProviderPart(
            provider="google", data={"executableCode": {"language": "PYTHON", "code": "1"}}
        ),
        ToolCallPart(id="r1_0", name="f", arguments={"a": 1}, signature="cGFy"),
        ToolCallPart(id="given", name="g"),
        TextPart(text="", signature="ZW5k"),
    )
    assert [call.id for call in response.tool_calls] == ["r1_0", "given"]
    assert response.finish_reason is FinishReason.TOOL_CALL
    assert response.raw_finish_reason == "STOP"
    assert (response.usage.input_tokens, response.usage.cache_read_tokens) == (5, 4)
    assert (response.provider, response.model) == ("google", "gemini-3.8-flash-002")
    assert (response.response_id, response.request_id) == ("r1", "q1")


def test_a_whole_reply_keeps_every_part() -> None:
    response = decoded(event(*WHOLE, finish="STOP", usage=USAGE))
    _check_whole(response)
    assert response.raw["candidates"]


def test_a_stream_makes_the_same_response() -> None:
    events = [event(part, usage={"promptTokenCount": 9}) for part in WHOLE]
    *chunks, last = streamed([*events, event(finish="STOP", usage=USAGE)])
    assert last.response is not None
    _check_whole(last.response)
    assert [chunk.is_final for chunk in chunks] == [False] * len(chunks)
    assert "".join(chunk.delta.text for chunk in chunks) == "Hello"
    assert [chunk.delta.tool_call_id for chunk in chunks if chunk.delta.tool_call_name] == [
        "r1_0",
        "given",
    ]
    assert last.tool_calls == last.response.tool_calls


def test_what_a_reply_held_goes_back_as_it_was() -> None:
    response = decoded(event(*WHOLE, finish="STOP"))
    (turn,) = encoded(response.message).body["contents"]
    assert turn == {
        "role": "model",
        "parts": [
            {"text": "Let me see.", "thought": True, "thoughtSignature": "c2ln"},
            {"text": "Hello"},
            {"executableCode": {"language": "PYTHON", "code": "1"}},
            {
                "functionCall": {"id": "r1_0", "name": "f", "args": {"a": 1}},
                "thoughtSignature": "cGFy",
            },
            {"functionCall": {"id": "given", "name": "g", "args": {}}},
            {"text": "", "thoughtSignature": "ZW5k"},
        ],
    }


def test_signed_words_are_not_mixed_with_others() -> None:
    events = [
        event({"text": "a"}),
        event({"text": "b", "thoughtSignature": "s"}),
        event({"text": "c"}, finish="STOP"),
    ]
    response = streamed(events)[-1].response
    assert response is not None
    assert response.parts == (
        TextPart(text="a"),
        TextPart(text="b", signature="s"),
        TextPart(text="c"),
    )


def test_usage_of_a_stream_is_the_largest_that_was_told() -> None:
    # An early event tells the whole prompt, and only a late one how much of it was cached.
    events = [
        event({"text": "a"}, usage={"promptTokenCount": 100, "candidatesTokenCount": 1}),
        event({"text": "b"}, usage={"candidatesTokenCount": 2}),
        event({"text": "c"}),
        event(finish="STOP", usage={"promptTokenCount": 100, "cachedContentTokenCount": 80}),
    ]
    usage = streamed(events)[-1].usage
    assert (usage.input_tokens, usage.cache_read_tokens, usage.output_tokens) == (20, 80, 2)


def test_a_stream_without_a_finish_reason_is_cut_and_keeps_what_came() -> None:
    assembler = wire().assembler(REQUEST, "q1")
    part = {"functionCall": {"name": "f", "willContinue": True}}
    piece = {
        "functionCall": {
            "partialArgs": [{"jsonPath": "$.to", "stringValue": "Ul", "willContinue": True}],
            "willContinue": True,
        }
    }
    for each in (
        event({"text": "Hm", "thought": True}, usage=USAGE),
        event({"text": "Hel"}),
        event(part),
        event(piece),
    ):
        assembler.push(json.dumps(each))
    with pytest.raises(StreamTruncatedError, match="finish reason") as caught:
        assembler.final()
    partial: LLMResponse = caught.value.partial
    assert (partial.content, partial.thinking) == ("Hel", "Hm")
    assert partial.usage.state is UsageState.PARTIAL
    assert partial.usage.prompt_tokens == 9
    (call,) = partial.tool_calls
    assert call.is_malformed
    assert call.raw_arguments == '{"to": "Ul"'


def test_arguments_that_come_value_by_value_are_one_call() -> None:
    def call(**fields: Any) -> dict[str, Any]:
        return event({"functionCall": fields})

    events = [
        call(name="f", willContinue=True),
        call(
            partialArgs=[{"jsonPath": "$.to", "stringValue": "Ul", "willContinue": True}],
            willContinue=True,
        ),
        call(partialArgs=[{"jsonPath": "$.to", "stringValue": "m"}], willContinue=True),
        call(),
        call(name="g", partialArgs=[{"jsonPath": "$.n", "numberValue": 2}]),
        call(name="h", args={"x": [1]}),
        event(finish="STOP"),
    ]
    *chunks, last = streamed(events)
    assert [(call.name, call.arguments) for call in last.tool_calls] == [
        ("f", {"to": "Ulm"}),
        ("g", {"n": 2}),
        ("h", {"x": [1]}),
    ]
    assert len({call.id for call in last.tool_calls}) == 3
    assert [chunk.delta.tool_call_index for chunk in chunks] == [0, 0, 1, 1, 2]


def test_several_candidates_are_not_mixed() -> None:
    body = event({"text": "a"}, finish="STOP")
    body["candidates"].insert(
        0, {**event({"text": "b"}, finish="STOP")["candidates"][0], "index": 1}
    )
    response = decoded(body)
    assert response.content == "a"
    assert len(response.raw["candidates"]) == 2


def test_sources_stand_with_the_last_words() -> None:
    source = {"web": {"uri": "u"}}
    ending = {"groundingMetadata": {"groundingChunks": [source]}}
    events = [
        event({"text": "a"}, citationMetadata={"citationSources": [{"uri": "v"}]}),
        event({"text": "", "thoughtSignature": "s"}, finish="STOP", **ending),
    ]
    response = streamed(events)[-1].response
    assert response is not None
    assert response.parts[0] == TextPart(
        text="a", citations=({"uri": "v"}, {"groundingMetadata": ending["groundingMetadata"]})
    )


def test_a_picture_is_a_part_and_its_event_a_chunk() -> None:
    part = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}
    chunk, last = streamed([event(part, finish="STOP")])
    assert chunk.raw["candidates"][0]["content"]["parts"] == [part]
    assert last.response is not None
    assert last.response.parts == (ImagePart(data=b"\0\0\0"),)
    assert last.response.content is None


def test_a_reply_that_was_stopped_can_be_gone_on_with() -> None:
    body = event({"text": "half"}, finish="CONTINUATION", continuationToken="dG9r")
    for response in (decoded(body), streamed([body])[-1].response):
        assert response is not None
        assert response.finish_reason is FinishReason.PAUSE
        request = encoded(Message.user("x"), response.message)
        assert request.body["continuationToken"] == "dG9r"
        assert request.body["contents"] == [{"role": "user", "parts": [{"text": "x"}]}]


def test_a_token_of_a_finished_reply_is_forgotten() -> None:
    events = [event({"text": "a"}, continuationToken="dG9r"), event(finish="STOP")]
    response = streamed(events)[-1].response
    assert response is not None
    assert response.parts == (TextPart(text="a"),)
    with pytest.raises(StreamTruncatedError) as caught:
        streamed(events[:1])
    assert caught.value.partial.parts[-1].data == {"continuationToken": "dG9r"}


def test_a_thought_that_filled_the_limit_leaves_no_words() -> None:
    body = event(finish="MAX_TOKENS", usage={"promptTokenCount": 1, "thoughtsTokenCount": 9})
    response = decoded(body)
    assert (response.content, response.finish_reason) == (None, FinishReason.LENGTH)
    assert response.usage.reasoning_tokens == 9


def test_an_older_models_finish_reasons_do_not_end_the_stream() -> None:
    events = [event({"text": word}, finish="STOP") for word in ("a", "b", "c")]
    assert streamed(events)[-1].accumulated_text == "abc"


@pytest.mark.parametrize("finish", ["NEW_REASON", None])
def test_a_reason_that_is_not_known_is_unknown(finish: str | None) -> None:
    response = decoded(event({"text": "a"}, finish=finish))
    assert response.finish_reason is FinishReason.UNKNOWN
    assert response.raw_finish_reason in (finish, "unknown")


BLOCKED = {
    "promptFeedback": {
        "blockReason": "SAFETY",
        "blockReasonMessage": "weapons",
        "safetyRatings": [
            {"category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW"},
            {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH"},
        ],
    },
    "usageMetadata": {"promptTokenCount": 7},
}


@pytest.mark.parametrize("read", [decoded, lambda body: streamed([body])])
def test_a_blocked_prompt_is_an_error_that_tells_why(read: Any) -> None:
    with pytest.raises(
        ContentFilterError, match="SAFETY: weapons: HARM_CATEGORY_DANGEROUS_CONTENT"
    ) as caught:
        read(BLOCKED)
    assert not caught.value.retryable
    assert caught.value.request_id == "q1"
    assert caught.value.partial.finish_reason is FinishReason.CONTENT_FILTER
    assert caught.value.partial.usage.input_tokens == 7


ERROR = {"error": {"code": 503, "status": "UNAVAILABLE", "message": "overloaded"}}


@pytest.mark.parametrize("body", [ERROR, [ERROR]])
@pytest.mark.parametrize("read", [decoded, lambda body: streamed([body])])
def test_an_error_under_status_200_is_an_error(body: Any, read: Any) -> None:
    with pytest.raises(OverloadedError, match="overloaded") as caught:
        read(body)
    assert caught.value.request_id == "q1"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<html>sorry", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[1]", "not a JSON object"),
        ({}, "no candidates"),
        ({"candidates": []}, "no candidates"),
        ({"candidates": [7]}, "another shape"),
        ({"candidates": [{"content": {"parts": [7]}}]}, "another shape"),
        ({"candidates": [{"content": {"parts": [{"functionCall": 7}]}}]}, "another shape"),
        ({"candidates": [{"content": {"parts": [{"text": 7}]}}]}, "another shape"),
        ({"candidates": [], "usageMetadata": [1]}, "no candidates"),
        (event({"functionCall": {"id": [7], "name": "f"}}, finish="STOP"), "another shape"),
        (event({"text": "a", "thoughtSignature": 7}, finish="STOP"), "another shape"),
    ],
)
def test_a_reply_of_another_shape_is_an_error_with_its_beginning(body: Any, told: str) -> None:
    with pytest.raises(InvalidResponseError, match=told):
        decoded(body)


def test_pieces_that_make_no_reply_are_an_error() -> None:
    with pytest.raises(InvalidResponseError, match="another shape"):
        streamed([event({"functionCall": {"id": [7], "name": "f"}}, finish="STOP")])


def test_deep_nesting_does_no_harm() -> None:
    with pytest.raises(RactoGatewayError):
        decoded(b'{"candidates": ' + b"[" * 100_000)
    assembler = wire().assembler(REQUEST, None)
    with pytest.raises(InvalidResponseError, match="not JSON"):
        assembler.push("[" * 100_000)


def test_events_without_candidates_add_nothing() -> None:
    assert [
        chunk.is_final for chunk in streamed([{}, event(finish="STOP"), {"candidates": []}])
    ] == [True]
