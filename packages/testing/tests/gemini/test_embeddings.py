"""Vectors come for one content or for many, and wrong requests for them are refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
from google.genai import errors, types

from racto.testing import GeminiServer

ONE = {"parts": [{"text": "a word"}]}


def test_each_text_gets_its_own_vector(client: Any) -> None:
    config = types.EmbedContentConfig(output_dimensionality=256, task_type="RETRIEVAL_QUERY")
    texts = ["a red fox", "the red fox", "tax law"]
    found = client.models.embed_content(model="m", contents=texts, config=config).embeddings
    assert found is not None
    vectors = [each.values or [] for each in found]
    assert [len(values) for values in vectors] == [256] * 3
    assert all(math.isclose(sum(v * v for v in values), 1, abs_tol=1e-6) for values in vectors)
    near, far = (
        sum(a * b for a, b in zip(vectors[0], other, strict=True)) for other in vectors[1:]
    )
    assert near > far


async def test_async_clients_get_the_same(client: Any, aio: Any) -> None:
    config = {"output_dimensionality": 8}
    one = client.models.embed_content(model="m", contents="x", config=config)
    two = await aio.models.embed_content(model="m", contents="x", config=config)
    assert one.embeddings == two.embeddings


def test_one_content_gets_one_vector(post: Any) -> None:
    answer = post("models/m:embedContent", {"content": ONE, "outputDimensionality": 4}).json()
    assert len(answer["embedding"]["values"]) == 4


def test_vertex_predicts(post: Any) -> None:
    path = "projects/p/locations/l/publishers/google/models/text-embedding-005:predict"
    body = {
        "instances": [{"content": "a", "task_type": "RETRIEVAL_QUERY"}, {"content": "b"}],
        "parameters": {"outputDimensionality": 4},
    }
    found = post(path, body).json()["predictions"]
    assert [len(each["embeddings"]["values"]) for each in found] == [4, 4]
    assert found[0]["embeddings"]["statistics"] == {"token_count": 1, "truncated": False}
    assert post(path, {"instances": []}).status_code == 400
    assert post(path, {"instances": [{"content": ""}]}).status_code == 400
    assert post(path, {**body, "parameters": {"outputDimensionality": 0}}).status_code == 400


def test_vertex_has_the_settings_in_an_object_of_their_own(post: Any) -> None:
    path = "projects/p/locations/l/publishers/google/models/m:embedContent"
    settings = {"outputDimensionality": 4, "autoTruncate": True, "taskType": "RETRIEVAL_QUERY"}
    answer = post(path, {"content": ONE, "embedContentConfig": settings})
    assert len(answer.json()["embedding"]["values"]) == 4
    wrong = post(path, {"content": ONE, "embedContentConfig": {"outputDimensionality": 0}})
    assert "output_dimensionality: must be in the range" in wrong.json()["error"]["message"]


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({"content": ONE}, "model: unexpected model name format"),
        ({"model": "models/other", "content": ONE}, "model: must match the model of the path"),
        ({"model": "models/m"}, "content: content is not specified"),
        (
            {"model": "models/m", "content": {"parts": []}},
            "content.parts: contents.parts must not be empty.",
        ),
        (
            {"model": "models/m", "content": ONE, "outputDimensionality": 0},
            "output_dimensionality: must be in the range [1, 3072]",
        ),
        (
            {
                "model": "models/m",
                "content": ONE,
                "taskType": "RETRIEVAL_QUERY",
                "title": "t",
            },
            "title: only allowed when task_type is RETRIEVAL_DOCUMENT",
        ),
    ],
)
def test_wrong_requests_are_refused(request_: dict[str, Any], told: str, post: Any) -> None:
    answer = post("models/m:batchEmbedContents", {"requests": [request_]})
    assert answer.status_code == 400
    said = answer.json()["error"]["message"]
    assert said == f"* BatchEmbedContentsRequest.requests[0].{told}\n"


def test_an_unknown_task_is_no_value_of_its_type(post: Any) -> None:
    answer = post("models/m:embedContent", {"content": ONE, "taskType": "X"})
    assert answer.status_code == 400
    assert "(type.googleapis.com/google.ai.generativelanguage.v1beta.TaskType)" in answer.text


def test_a_batch_has_one_to_a_hundred_contents(post: Any) -> None:
    each = {"model": "models/m", "content": ONE}
    assert post("models/m:batchEmbedContents", {"requests": [each] * 100}).status_code == 200
    answer = post("models/m:batchEmbedContents", {"requests": [each] * 101})
    assert "at most 100 requests" in answer.json()["error"]["message"]
    assert post("models/m:batchEmbedContents", {}).status_code == 400


def test_a_failure_is_for_vectors_too_and_words_are_not(
    gemini_server: GeminiServer, client: Any
) -> None:
    gemini_server.say("for later")
    assert client.models.embed_content(model="m", contents="x").embeddings
    assert client.models.generate_content(model="m", contents="x").text == "for later"
    gemini_server.fail("rate_limited")
    with pytest.raises(errors.ClientError) as caught:
        client.models.embed_content(model="m", contents="x")
    assert caught.value.status == "RESOURCE_EXHAUSTED"
