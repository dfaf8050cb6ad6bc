"""Bodies are read as Go reads them, with its words for what it cannot read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ollama import _types as documented
from pydantic import BaseModel

from racto.testing.ollama import requests

USER = {"role": "user", "content": "hi"}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"stream": "yes"},
            "json: cannot unmarshal string into Go struct field ChatRequest.stream of type bool",
        ),
        (
            {"model": 5},
            "json: cannot unmarshal number into Go struct field ChatRequest.model of type string",
        ),
        (
            {"top_logprobs": 1.5},
            "json: cannot unmarshal number 1.5 into Go struct field ChatRequest.top_logprobs of type int",
        ),
        (
            {"messages": "hi"},
            "json: cannot unmarshal string into Go struct field ChatRequest.messages of type []interface {}",
        ),
        (
            {"messages": [{"role": "user", "content": []}]},
            "json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string",
        ),
        ({"tools": [{"type": "function"}]}, "tools.function is required"),
        (
            {"options": True},
            "json: cannot unmarshal bool into Go struct field ChatRequest.options of type map[string]interface {}",
        ),
        (
            {"messages": [5]},
            "json: cannot unmarshal number into Go struct field ChatRequest.messages of type struct",
        ),
    ],
)
def test_ill_typed_fields_are_told_with_their_place(
    fields: dict[str, Any], told: str, refuse: Callable[..., str]
) -> None:
    assert refuse(**fields) == told


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "missing request body"),
        (b"{", "invalid character in request body: it is no JSON"),
        (b"[" * 100_000, "invalid character in request body: it is no JSON"),
        (b"[]", "json: cannot unmarshal array into Go struct field ChatRequest of type struct"),
    ],
)
def test_a_body_is_an_object(body: bytes, told: str, post: Callable[..., Any]) -> None:
    answer = post("/api/chat", body)
    assert (answer.status_code, answer.json()) == (400, {"error": told})


def test_null_is_as_good_as_nothing(post: Callable[..., Any]) -> None:
    body = {"model": "m", "messages": [USER], "stream": False, "tools": None, "options": None}
    assert post("/api/chat", body).json()["message"]["content"] == "ok"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (requests.ChatRequest, documented.ChatRequest),
        (requests.GenerateRequest, documented.GenerateRequest),
        (requests.EmbedRequest, documented.EmbedRequest),
        (requests.OldEmbedRequest, documented.EmbeddingsRequest),
        (requests.PullRequest, documented.PullRequest),
        (requests.ShowRequest, documented.ShowRequest),
        (requests.CopyRequest, documented.CopyRequest),
        (requests.Message, documented.Message),
        (requests.ToolFunction, documented.Tool.Function),
    ],
)
def test_each_documented_field_is_known(ours: type[BaseModel], theirs: type[BaseModel]) -> None:
    assert theirs.model_fields.keys() <= ours.model_fields.keys()
