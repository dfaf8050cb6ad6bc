"""What Hugging Face's chat differs in: its path, the order of its fields, and the router's suffix."""

from __future__ import annotations

import json
from typing import Any

import pytest

from racto.core import (
    ChatConfig,
    ConfigurationError,
    FinishReason,
    Message,
    ServerError,
    UnsupportedFeatureError,
)
from racto.providers.huggingface.failures import HUGGINGFACE_VOCABULARY, HuggingFaceTranslator
from racto.providers.huggingface.wire import HUGGINGFACE, HuggingFaceWire
from racto.providers.kits import Turn, WireReply, WireRequest


def wire(**settings: Any) -> HuggingFaceWire:
    translator = HuggingFaceTranslator("huggingface", HUGGINGFACE_VOCABULARY)
    return HuggingFaceWire(HUGGINGFACE, translator, **settings)


def encoded(made: HuggingFaceWire, model: str = "Qwen/Qwen3-8B", **config: Any) -> WireRequest:
    asked = ChatConfig(user_message="hi", **config)
    return made.encode(Turn(model=model, messages=(Message.user("hi"),), config=asked))


def test_the_model_comes_first() -> None:
    request = encoded(wire(), seed=7)
    assert request.path == "/v1/chat/completions"
    assert next(iter(request.body)) == "model"
    assert request.body["model"] == request.model == "Qwen/Qwen3-8B"
    assert request.body["max_tokens"] == 4096
    assert request.body["seed"] == 7


@pytest.mark.parametrize("provider", ["groq", "fastest", "cheapest", "preferred"])
def test_who_shall_answer_is_a_suffix_of_the_model(provider: str) -> None:
    request = encoded(wire(provider=provider))
    assert request.body["model"] == f"Qwen/Qwen3-8B:{provider}"


def test_who_shall_answer_is_said_once() -> None:
    assert encoded(wire(), "a/b:groq").body["model"] == "a/b:groq"
    with pytest.raises(ConfigurationError, match="say it once"):
        encoded(wire(provider="novita"), "a/b:groq")


def test_extra_has_the_last_word_on_the_model_too() -> None:
    assert encoded(wire(provider="groq"), extra={"model": "c/d"}).body["model"] == "c/d"


def test_there_is_no_cache_to_control() -> None:
    for config in ({"cache": "5m"}, {"top_k": 3}):
        with pytest.raises(UnsupportedFeatureError):
            encoded(wire(), **config)


@pytest.mark.parametrize(
    ("raw", "finish"),
    [
        ("stop", FinishReason.STOP),
        ("eos_token", FinishReason.STOP),
        ("stop_sequence", FinishReason.STOP),
        ("length", FinishReason.LENGTH),
        ("tool_calls", FinishReason.TOOL_CALL),
        ("odd", FinishReason.UNKNOWN),
    ],
)
def test_finish_reasons_of_tgi(raw: str, finish: FinishReason) -> None:
    choice = {"message": {"content": "Hello"}, "finish_reason": raw}
    made = wire()
    reply = WireReply(body=json.dumps({"choices": [choice]}).encode())
    response = made.decode(encoded(made), reply)
    assert response.finish_reason is finish
    assert response.raw_finish_reason == raw
    assert response.provider == "huggingface"


def test_arguments_may_come_as_an_object() -> None:
    call = {"id": "0", "function": {"name": "now", "arguments": {"zone": "UTC"}}}
    made = wire()
    choice = {"message": {"tool_calls": [call]}, "finish_reason": "stop"}
    reply = WireReply(body=json.dumps({"choices": [choice]}).encode())
    response = made.decode(encoded(made), reply)
    assert response.tool_calls[0].arguments == {"zone": "UTC"}
    assert response.finish_reason is FinishReason.TOOL_CALL
    stream = made.assembler(encoded(made), None)
    stream.push(json.dumps({"choices": [{"delta": {"tool_calls": [{"index": 0, **call}]}}]}))
    stream.push(json.dumps({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}))
    stream.push("[DONE]")
    assert stream.final().tool_calls == response.tool_calls


def test_an_error_keeps_its_kind_in_mid_stream_and_under_status_200() -> None:
    made = wire()
    body = {"error": "Request failed during generation", "error_type": "generation"}
    with pytest.raises(ServerError, match="during generation"):
        made.assembler(encoded(made), None).push(json.dumps(body))
    with pytest.raises(ServerError, match="during generation"):
        made.decode(encoded(made), WireReply(body=json.dumps(body).encode()))
