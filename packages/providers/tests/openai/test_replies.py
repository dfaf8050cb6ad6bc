"""Replies are read without loss: usage, finish reasons, calls, reasoning, refusals, sound."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from racto.core import FinishReason
from racto.core.logprobs import LEAST
from racto.providers.openai.replies import read_call, read_finish, read_reply


def reply(message: dict[str, Any], finish: str | None = "stop", **choice: Any) -> Any:
    data = {"id": "r1", "model": "m", "usage": {"prompt_tokens": 3, "completion_tokens": 2}}
    return read_reply(data, {"message": message, "finish_reason": finish, **choice}, "openai")


@pytest.mark.parametrize(
    ("raw", "finish"),
    [
        ("stop", FinishReason.STOP),
        ("length", FinishReason.LENGTH),
        ("tool_calls", FinishReason.TOOL_CALL),
        ("function_call", FinishReason.TOOL_CALL),
        ("content_filter", FinishReason.CONTENT_FILTER),
        ("brand_new", FinishReason.UNKNOWN),
        (None, FinishReason.UNKNOWN),
    ],
)
def test_every_finish_reason_is_told(raw: Any, finish: FinishReason) -> None:
    assert read_finish(raw) is finish
    assert reply({"content": "x"}, raw).raw_finish_reason == raw


def test_a_stop_may_hide_a_refusal_or_calls() -> None:
    refused = reply({"content": None, "refusal": "I will not."})
    assert (refused.finish_reason, refused.refusal) == (FinishReason.REFUSAL, "I will not.")
    called = reply({"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}]})
    assert called.finish_reason is FinishReason.TOOL_CALL


def test_parts_repeat_the_whole_reply() -> None:
    response = reply(
        {
            "content": [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}],
            "reasoning_content": "hm",
            "annotations": [{"type": "url_citation", "url_citation": {"url": "u"}}],
            "audio": {"data": base64.b64encode(b"sound").decode(), "transcript": "Hello"},
            "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": '{"x": 1}'}}],
        },
        logprobs={
            "content": [
                {
                    "token": "Hello",
                    "logprob": -0.5,
                    "bytes": [72],
                    "top_logprobs": [
                        {"token": "Hello", "logprob": -0.5},
                        {"token": "Hi", "logprob": None},
                    ],
                }
            ]
        },
    )
    assert (response.content, response.thinking) == ("Hello", "hm")
    assert [part.type for part in response.parts] == ["reasoning", "text", "audio", "tool_call"]
    assert response.parts[1].citations[0]["type"] == "url_citation"
    assert response.logprobs is not None
    (token,) = response.logprobs
    assert (token.token, token.logprob) == ("Hello", -0.5)
    assert [(each.token, each.logprob) for each in token.alternatives] == [
        ("Hello", -0.5),
        ("Hi", LEAST),
    ]
    assert response.response_id == "r1"
    again = type(response).model_validate_json(response.model_dump_json())
    assert again.parts == response.parts


@pytest.mark.parametrize("arguments", ["{broken", "[1]", "3", '"x"', [1]])
def test_arguments_that_are_no_object_are_kept_as_they_came(arguments: Any) -> None:
    call = read_call({"function": {"name": "f", "arguments": arguments}}, "fallback")
    assert call.is_malformed
    assert call.id == "fallback"


@pytest.mark.parametrize("arguments", ["", " ", None, "{}", {}])
def test_no_arguments_are_no_arguments(arguments: Any) -> None:
    call = read_call({"id": "a", "function": {"name": "f", "arguments": arguments}}, "b")
    assert (call.id, call.arguments, call.is_malformed) == ("a", {}, False)


def test_sound_that_is_not_base64_is_left_out() -> None:
    assert reply({"content": "x", "audio": {"data": "***"}}).parts[-1].type == "text"
