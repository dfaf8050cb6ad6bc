"""Embeddings as the official client reads them."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from racto.testing import OpenAIServer


def vectors(client: openai.OpenAI, given: Any, **options: Any) -> list[list[float]]:
    answer = client.embeddings.create(model="m", input=given, **options)
    return [each.embedding for each in sorted(answer.data, key=lambda each: each.index)]


def test_the_same_text_has_the_same_vector_whatever_is_beside_it(client: openai.OpenAI) -> None:
    together = vectors(client, ["the sea", "a stone"])
    assert together == [*vectors(client, "the sea"), *vectors(client, ["a stone"])]
    assert together[0] != together[1]
    assert [len(vector) for vector in together] == [1536, 1536]


def test_both_encodings_say_the_same(client: openai.OpenAI) -> None:
    # The client asks for base64 when nobody says otherwise.
    packed = vectors(client, ["the sea"], dimensions=8)
    plain = vectors(client, ["the sea"], dimensions=8, encoding_format="float")
    assert packed[0] == pytest.approx(plain[0], abs=1e-6)
    assert sum(value**2 for value in plain[0]) == pytest.approx(1.0)


def test_the_order_of_the_answer_is_not_that_of_the_request(client: openai.OpenAI) -> None:
    answer = client.embeddings.create(model="m", input=["a", "b", "c"], dimensions=2)
    assert [each.index for each in answer.data] == [2, 1, 0]
    assert answer.usage.prompt_tokens == 3


def test_tokens_can_stand_for_text(client: openai.OpenAI) -> None:
    one, two = vectors(client, [[1, 2], [3]], dimensions=16)
    assert one == vectors(client, [1, 2], dimensions=16)[0]
    assert one != two


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", ""]}, "input[1]"),
        ({"input": [5.5]}, "input[0]"),
        ({"input": ["x"] * 2049}, "input"),
        ({"input": "x", "dimensions": 0}, "dimensions"),
        ({"input": "x", "dimensions": 2**40}, "dimensions"),
        ({"input": "x", "encoding_format": "int8"}, "encoding_format"),
        ({}, "input"),
    ],
)
def test_what_cannot_be_embedded_is_refused(refuse: Any, fields: Any, param: str) -> None:
    assert refuse("/embeddings", {"model": "m", **fields})["param"] == param


def test_unknown_arguments_are_refused(refuse: Any) -> None:
    error = refuse("/embeddings", {"model": "m", "input": "x", "input_type": "query"})
    assert error["message"] == "Unrecognized request argument supplied: input_type"


def test_failures_are_taken_and_words_are_kept(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.fail("rate_limited")
    openai_server.say("for the chat")
    with pytest.raises(openai.RateLimitError):
        vectors(client, "x")
    assert vectors(client, "x")
    hello: Any = [{"role": "user", "content": "hello"}]
    answer = client.chat.completions.create(model="m", messages=hello)
    assert answer.choices[0].message.content == "for the chat"


def test_an_answer_can_be_wrong_on_purpose(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.say(body={"object": "list", "data": [], "model": "m", "usage": {}})
    with pytest.raises(ValueError, match="No embedding data"):
        client.embeddings.create(model="m", input="x")
