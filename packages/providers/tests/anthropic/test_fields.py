"""Fields of a request: what is not set is not sent, and what cannot be sent is not lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import ChatConfig, ConfigurationError, UnsupportedFeatureError
from racto.providers.anthropic.api import APIVersion
from racto.providers.kits import UnsupportedFeatureWarning, WireRequest

Encode = Callable[..., WireRequest]


class City(BaseModel):
    name: str


class Counts(BaseModel):
    by_name: dict[str, int]


def body(encode: Encode, **fields: Any) -> dict[str, Any]:
    return dict(encode(ChatConfig(user_message="?", **fields)).body)


def test_a_plain_request_holds_what_the_api_needs_and_no_more(encode: Encode) -> None:
    assert body(encode) == {
        "model": "the-model",
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": "?"}],
    }


@pytest.mark.parametrize("field", ["temperature", "top_p", "top_k"])
def test_sampling_is_refused_today_and_sent_to_older_models(encode: Encode, field: str) -> None:
    config = ChatConfig.model_validate({"user_message": "?", field: 1})
    with pytest.raises(UnsupportedFeatureError, match='"anthropic-version": "2023-') as caught:
        encode(config)
    assert caught.value.feature == field
    old = encode(config, version=APIVersion(date="2023-06-01"))
    assert old.body[field] == 1


@pytest.mark.parametrize(
    "fields",
    [{"seed": 1}, {"presence_penalty": 0.5}, {"frequency_penalty": 0.5}, {"logprobs": 0}],
)
def test_what_the_api_does_not_know_is_refused(encode: Encode, fields: dict[str, Any]) -> None:
    for version in (APIVersion(), APIVersion(date="2023-06-01")):
        with pytest.raises(UnsupportedFeatureError, match="no such parameter"):
            encode(ChatConfig(user_message="?", **fields), version=version)


def test_dropped_fields_are_noted_and_warned_of(encode: Encode) -> None:
    config = ChatConfig(user_message="?", temperature=0.2, seed=1, on_unsupported="drop")
    request = encode(config)
    assert request.dropped == ("temperature", "seed")
    assert not request.body.keys() & {"temperature", "seed"}
    with pytest.warns(UnsupportedFeatureWarning, match="top_k"):
        encode(ChatConfig(user_message="?", top_k=3, on_unsupported="warn"))


def test_stop_sequences_effort_and_stream(encode: Encode) -> None:
    config = ChatConfig(user_message="?", stop=("END", "."), reasoning_effort="xhigh")
    sent = encode(config, stream=True).body
    assert sent["stop_sequences"] == ["END", "."]
    assert sent["output_config"] == {"effort": "xhigh"}
    assert sent["stream"] is True


def test_an_effort_that_the_api_does_not_know_is_refused(encode: Encode) -> None:
    with pytest.raises(UnsupportedFeatureError, match="low, medium, high, xhigh, max"):
        body(encode, reasoning_effort="minimal")


def test_thinking_is_adaptive_and_shown_with_the_defaults(encode: Encode) -> None:
    sent = body(encode, native_thinking=True)
    assert sent["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert sent["max_tokens"] == 4096


def test_a_budget_makes_room_for_itself_where_nobody_set_a_limit(encode: Encode) -> None:
    sent = body(encode, native_thinking=True, thinking_budget=10000)
    assert sent["thinking"] == {"type": "enabled", "budget_tokens": 10000}
    assert sent["max_tokens"] == 14096
    assert body(encode, native_thinking=True, thinking_budget=2000)["max_tokens"] == 6096


def test_a_budget_within_the_callers_limit_changes_nothing(encode: Encode) -> None:
    sent = body(encode, native_thinking=True, thinking_budget=2000, max_tokens=3000)
    assert (sent["thinking"]["budget_tokens"], sent["max_tokens"]) == (2000, 3000)


def test_a_budget_that_leaves_no_room_is_refused_at_once(encode: Encode) -> None:
    with pytest.raises(ConfigurationError, match="max_tokens=4000, which must be larger"):
        body(encode, native_thinking=True, thinking_budget=4000, max_tokens=4000)
    with pytest.raises(ConfigurationError, match="least is 1024"):
        body(encode, native_thinking=True, thinking_budget=500)


def test_a_budget_alone_asks_for_no_thinking(encode: Encode) -> None:
    assert "thinking" not in body(encode, thinking_budget=2000)


def test_the_reply_is_held_to_the_models_schema(encode: Encode) -> None:
    sent = body(encode, response_model=City, reasoning_effort="low")
    assert sent["output_config"] == {
        "effort": "low",
        "format": {
            "type": "json_schema",
            "schema": {
                "type": "object",
                "properties": {"name": {"type": "string"}},
                "required": ["name"],
                "additionalProperties": False,
            },
        },
    }
    assert "system" not in sent


def test_a_schema_that_cannot_be_enforced_is_an_early_error(encode: Encode) -> None:
    with pytest.raises(UnsupportedFeatureError, match=r"\$\.by_name: an object with keys"):
        body(encode, response_model=Counts)


def test_a_schema_that_may_be_dropped_is_asked_for_in_words(encode: Encode) -> None:
    config = ChatConfig(
        user_message="?", system="be brief", response_model=Counts, on_unsupported="drop"
    )
    request = encode(config)
    assert request.dropped == ("response_model (enforced)",)
    assert "output_config" not in request.body
    assert '"by_name"' in request.body["system"]
    assert "be brief" in request.body["system"]


def test_the_api_takes_one_label(encode: Encode) -> None:
    assert body(encode, metadata={"user_id": "u1", "team": "a"})["metadata"] == {"user_id": "u1"}
    assert "metadata" not in body(encode, metadata={"team": "a"})
