"""Templates: the same request as shaping it anew, whatever the words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel

from racto.core import ChatConfig, Message, RactoFile, RactoPrompt, ToolRegistry
from racto.core.protocols import Templating
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.providers.google import GoogleDeveloperKit
from racto.providers.kits.templates import templated
from racto.providers.openai import OpenAIDeveloperKit
from racto.providers.routing import CostAwareRouter, RoutingTier
from racto.providers.truncation import TokenTruncator


class Answer(BaseModel):
    value: int


def look_up(word: str) -> str:
    """Look a word up."""
    return word


PROMPT = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format="text")
KITS = {
    "openai": OpenAIDeveloperKit("gpt-4o-mini", api_key="k"),
    "chat": OpenAIDeveloperKit("gpt-4o-mini", api_key="k", api="chat"),
    "anthropic": AnthropicDeveloperKit("claude-haiku-4-5", api_key="k"),
    "google": GoogleDeveloperKit(api_key="k"),
}
CONFIGS: dict[str, dict[str, Any]] = {
    "bare": {},
    "with a prompt": {"prompt": PROMPT, "temperature": 0.0, "max_tokens": 50},
    "with a model": {"response_model": Answer},
    "with a history": {"history": (Message.user("words-1"), Message.assistant("hi"))},
    "with tools": {"tools": ToolRegistry([look_up])},
    "with a file": {"attachments": (RactoFile(b"\x89PNG", "image/png", "a.png"),)},
    "cached": {"cache": "5m", "system": "Be brief."},
}


@pytest.mark.parametrize("kit", KITS)
@pytest.mark.parametrize("fields", CONFIGS)
@given(words=st.text(min_size=1, max_size=20))
def test_the_same_request_for_any_words(kit: str, fields: str, words: str) -> None:
    codec = KITS[kit].codec
    assert isinstance(codec, Templating)
    known: dict[str, Any] = {"on_unsupported": "drop", **CONFIGS[fields]}
    template = codec.template(ChatConfig(user_message="-", **known))
    assert template is not None
    try:
        expected = codec.encode(ChatConfig(user_message=words, **known))
    except Exception as error:
        with pytest.raises(type(error)):
            template(words)
    else:
        assert template(words) == expected


def test_making_one_request_leaves_the_others_alone() -> None:
    template = KITS["openai"].codec.template(ChatConfig(user_message="-"))  # type: ignore[attr-defined]
    one = template("one")
    template("two")
    assert "one" in repr(one.body)


def test_where_words_decide_more_there_is_none() -> None:
    router = CostAwareRouter([RoutingTier(model="gpt-4o-mini", max_score=100)])
    auto = OpenAIDeveloperKit("auto", api_key="k", router=router).codec
    truncating = OpenAIDeveloperKit("gpt-4o-mini", api_key="k", truncator=TokenTruncator()).codec
    for codec in (auto, truncating):
        assert codec.template(ChatConfig(user_message="-")) is None  # type: ignore[attr-defined]


def test_words_that_stand_twice_or_inside_others_make_no_template() -> None:
    codec = KITS["openai"].codec

    def twice(config: ChatConfig) -> Any:
        made = codec.encode(config)
        return type(made)(path=made.path, body={**made.body, "extra": config.user_message})

    def inside(config: ChatConfig) -> Any:
        made = codec.encode(config)
        return type(made)(path=made.path, body={"text": f"say: {config.user_message}"})

    for encode in (twice, inside):
        assert templated(encode, ChatConfig(user_message="-")) is None
