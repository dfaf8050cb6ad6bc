"""Vectors come for one text or many."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ollama
import pytest

from racto.testing import OllamaServer


def test_each_text_gets_a_vector(client: ollama.Client) -> None:
    found = client.embed("m", ["a red fox", "tax law"], dimensions=64, truncate=True)
    assert [len(vector) for vector in found.embeddings] == [64, 64]
    assert math.isclose(sum(value * value for value in found.embeddings[0]), 1)
    assert found.prompt_eval_count == 5
    assert client.embed("m", "tax law", dimensions=64).embeddings == found.embeddings[1:]
    assert len(client.embed("m", "x").embeddings[0]) == 768


async def test_async_clients_get_the_same(
    client: ollama.Client, async_client: ollama.AsyncClient
) -> None:
    found = await async_client.embed("m", "x")
    assert found.embeddings == client.embed("m", "x").embeddings


def test_nothing_gets_nothing(client: ollama.Client) -> None:
    assert client.embed("m", []).embeddings == []
    assert client.embed("m", "").embeddings == []


def test_the_older_method_takes_one_text(client: ollama.Client) -> None:
    assert list(client.embeddings("m", "x").embedding) == client.embed("m", "x").embeddings[0]
    assert client.embeddings("m", "").embedding == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"input": [1]}, "invalid input type"),
        ({"input": {"a": "b"}}, "invalid input type"),
        ({"input": "x", "dimensions": 0}, "dimensions must be positive"),
        ({"input": "x", "model": ""}, "model is required"),
        ({"input": "x", "options": {"seed": "x"}}, 'option "seed" must be of type integer'),
        ({"input": "x", "keep_alive": "x"}, 'time: invalid duration "x"'),
    ],
)
def test_wrong_requests_are_refused(
    fields: dict[str, Any], told: str, post: Callable[..., Any]
) -> None:
    answer = post("/api/embed", {"model": "m", **fields})
    assert (answer.status_code, answer.json()) == (400, {"error": told})


@pytest.mark.parametrize("embed", [ollama.Client.embed, ollama.Client.embeddings])
def test_a_failure_is_for_vectors_too_and_words_are_not(
    embed: Callable[..., Any], ollama_server: OllamaServer, client: ollama.Client
) -> None:
    ollama_server.say("for later")
    assert embed(client, "m", "x")
    assert client.generate("m", "x").response == "for later"
    ollama_server.fail("context_overflow")
    with pytest.raises(ollama.ResponseError, match="the input length exceeds the context length"):
        embed(client, "m", "x")
    ollama_server.fail("overloaded")
    with pytest.raises(ollama.ResponseError, match="server busy"):
        embed(client, "m", "x")
