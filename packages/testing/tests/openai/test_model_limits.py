"""What reasoning models refuse."""

from __future__ import annotations

from typing import Any

import openai
import pytest

HELLO = [{"role": "user", "content": "hello"}]


@pytest.mark.parametrize("model", ["o3", "o4-mini", "gpt-5", "gpt-6.2-sol"])
def test_the_old_name_of_the_token_limit_is_refused(refuse: Any, model: str) -> None:
    error = refuse("/chat/completions", {"model": model, "messages": HELLO, "max_tokens": 5})
    assert "Use 'max_completion_tokens' instead" in error["message"]
    assert (error["param"], error["code"]) == ("max_tokens", "unsupported_parameter")


@pytest.mark.parametrize(
    "setting",
    [{"temperature": 0.0}, {"top_p": 0.5}, {"presence_penalty": 1}, {"logprobs": True}],
    ids=lambda setting: next(iter(setting)),
)
def test_sampling_of_the_o_series_cannot_be_steered(refuse: Any, setting: Any) -> None:
    error = refuse("/chat/completions", {"model": "o3-mini", "messages": HELLO, **setting})
    assert (error["param"], error["code"]) == (next(iter(setting)), "unsupported_parameter")


def test_responses_refuse_alike(refuse: Any) -> None:
    error = refuse("/responses", {"model": "o3", "input": "hi", "temperature": 0.0})
    assert error["param"] == "temperature"


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("o3", {"temperature": 1, "top_p": 1.0, "logprobs": False, "max_completion_tokens": 5}),
        ("gpt-4o", {"max_tokens": 5, "temperature": 0.0}),
        ("llama3", {"max_tokens": 5, "temperature": 0.0}),
        ("gpt-5.2", {"temperature": 0.0}),
    ],
)
def test_all_else_is_taken(client: openai.OpenAI, model: str, settings: Any) -> None:
    body = {"model": model, "messages": HELLO, **settings}
    client.post("/chat/completions", body=body, cast_to=object)
