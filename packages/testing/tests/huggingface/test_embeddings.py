"""Vectors come from the pipeline, from TEI and in OpenAI's form."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from typing import Any

import pytest
from huggingface_hub import AsyncInferenceClient, InferenceClient
from huggingface_hub.errors import HfHubHTTPError

from racto.testing import HuggingFaceServer

PIPELINE = "/models/org/m/pipeline/feature-extraction"


def test_the_official_client_gets_vectors(
    huggingface_server: HuggingFaceServer, client: InferenceClient
) -> None:
    found = client.feature_extraction(["a", "b"], normalize=True, truncate=True)
    assert found.shape == (2, 384)
    url = f"{huggingface_server.url}/embed"
    with InferenceClient(model=url, provider="hf-inference", api_key="test-key") as other:
        assert other.feature_extraction("a", dimensions=8).shape == (1, 8)


async def test_the_async_client_gets_them_too(async_client: AsyncInferenceClient) -> None:
    assert (await async_client.feature_extraction("a")).shape == (1, 384)


@pytest.mark.parametrize("path", [PIPELINE, f"/hf-inference{PIPELINE}", "/embed", "/"])
def test_each_path_gives_a_list_of_vectors(path: str, post: Callable[..., Any]) -> None:
    found = post(path, {"inputs": ["a", "b"], "dimensions": 4}).json()
    assert [len(values) for values in found] == [4, 4]
    assert post(path, {"inputs": "b", "dimensions": 4}).json() == found[1:]


def test_vectors_may_be_packed(post: Callable[..., Any]) -> None:
    plain = post("/embed", {"inputs": "a", "dimensions": 4}).json()[0]
    told = {"inputs": "a", "dimensions": 4, "encoding_format": "base64"}
    (packed,) = post("/embed", told).json()
    assert struct.unpack("<4f", base64.b64decode(packed)) == pytest.approx(plain)


def test_openais_form_is_known(post: Callable[..., Any]) -> None:
    answer = post("/v1/embeddings", {"model": "m", "input": ["a", "b"], "dimensions": 4}).json()
    assert [each["index"] for each in answer["data"]] == [0, 1]
    assert answer["usage"] == {"prompt_tokens": 2, "total_tokens": 2}
    assert answer["data"][0]["embedding"] == post("/", {"inputs": "a", "dimensions": 4}).json()[0]


@pytest.mark.parametrize(
    ("body", "status", "kind", "told"),
    [
        ({"inputs": []}, 400, "Empty", "`inputs` cannot be empty"),
        ({"inputs": ["a", ""]}, 400, "Empty", "`inputs` cannot be empty"),
        (
            {"inputs": ["a"] * 33},
            413,
            "Validation",
            "batch size 33 > maximum allowed batch size 32",
        ),
        ({}, 422, "validation", "Missing required parameter: 'inputs'."),
        ({"inputs": "a", "x": 1}, 422, "validation", "argument supplied: x"),
        ({"inputs": 5}, 422, "validation", "Invalid type for 'inputs'"),
        ({"inputs": "a", "truncation_direction": "up"}, 422, "validation", "truncation_direction"),
    ],
)
def test_wrong_requests_are_refused(
    body: dict[str, Any], status: int, kind: str, told: str, post: Callable[..., Any]
) -> None:
    answer = post(PIPELINE, body)
    assert (answer.status_code, answer.json()["error_type"]) == (status, kind)
    assert told in answer.json()["error"]


def test_a_failure_is_for_vectors_too_and_words_are_not(
    huggingface_server: HuggingFaceServer, client: InferenceClient
) -> None:
    huggingface_server.say("for later")
    assert client.feature_extraction("a").shape == (1, 384)
    user = {"role": "user", "content": "hi"}
    assert client.chat_completion([user]).choices[0].message.content == "for later"
    huggingface_server.fail("overloaded")
    with pytest.raises(HfHubHTTPError, match="429"):
        client.feature_extraction("a")
