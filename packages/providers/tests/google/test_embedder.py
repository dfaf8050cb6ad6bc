"""The embedder through a server: documents, questions and other tasks, batches and failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from racto.core import ConfigurationError, QuotaExhaustedError, RetryPolicy
from racto.core.protocols import Embedder, Fingerprinted, QueryEmbedder
from racto.providers.google import GoogleEmbedder
from racto.testing import GeminiServer

Make = Callable[..., GoogleEmbedder]


@pytest.fixture
def make_embedder(server: GeminiServer) -> Iterator[Make]:
    made: list[GoogleEmbedder] = []

    def make(model: str = "gemini-embedding-001", **options: Any) -> GoogleEmbedder:
        options = {
            "api_key": server.key,
            "base_url": server.url,
            "retry": RetryPolicy(base=0.01, maximum=0.02),
        } | options
        made.append(GoogleEmbedder(model, **options))
        return made[-1]

    yield make
    for embedder in made:
        embedder.close()


def test_it_has_the_powers_of_an_embedder() -> None:
    embedder = GoogleEmbedder(api_key="k")
    assert isinstance(embedder, Embedder)
    assert isinstance(embedder, QueryEmbedder)
    assert isinstance(embedder, Fingerprinted)
    assert embedder.dimension == -1
    assert GoogleEmbedder(dimensions=8).dimension == 8


async def test_documents_and_questions_are_told_apart(
    server: GeminiServer, make_embedder: Make
) -> None:
    embedder = make_embedder(dimensions=8)
    matrix: Any = embedder.embed(["a", "b"])
    assert (matrix.shape, str(matrix.dtype)) == ((2, 8), "float32")
    tasks = [each["taskType"] for each in server.last.json["requests"]]
    assert tasks == ["RETRIEVAL_DOCUMENT", "RETRIEVAL_DOCUMENT"]
    asked: Any = embedder.embed_query("a")
    assert server.last.json["requests"][0]["taskType"] == "RETRIEVAL_QUERY"
    again: Any = await embedder.aembed_query("a")
    assert np.array_equal(asked, again)
    again = await embedder.aembed(["a", "b"])
    assert np.array_equal(matrix, again)
    await embedder.aclose()


@pytest.mark.parametrize(
    ("task", "documents", "questions"),
    [
        (None, "RETRIEVAL_DOCUMENT", "RETRIEVAL_QUERY"),
        ("RETRIEVAL_DOCUMENT", "RETRIEVAL_DOCUMENT", "RETRIEVAL_QUERY"),
        ("RETRIEVAL_QUERY", "RETRIEVAL_QUERY", "RETRIEVAL_QUERY"),
        ("CLUSTERING", "CLUSTERING", "CLUSTERING"),
    ],
)
def test_another_task_is_the_task_of_all_texts(
    server: GeminiServer, make_embedder: Make, task: str | None, documents: str, questions: str
) -> None:
    embedder = make_embedder(task_type=task)
    embedder.embed(["a"])
    assert server.last.json["requests"][0]["taskType"] == documents
    embedder.embed_query("a")
    assert server.last.json["requests"][0]["taskType"] == questions


def test_vectors_for_other_tasks_have_another_fingerprint() -> None:
    made = [
        GoogleEmbedder("m", task_type=task).fingerprint
        for task in (None, "RETRIEVAL_DOCUMENT", "CLUSTERING")
    ]
    assert made == [
        "google/m/full/retrieval",
        "google/m/full/retrieval",
        "google/m/full/CLUSTERING",
    ]
    assert GoogleEmbedder("m", dimensions=8).fingerprint == "google/m/8/retrieval"


def test_a_failed_batch_is_sent_again_alone(server: GeminiServer, make_embedder: Make) -> None:
    embedder = make_embedder(batch_size=2, dimensions=8)
    server.fail("overloaded")
    matrix: Any = embedder.embed(["a", "b", "c", "d", "e"])
    assert matrix.shape == (5, 8)
    assert len(server.requests) == 4
    server.fail("quota_exhausted")
    with pytest.raises(QuotaExhaustedError):
        embedder.embed(["a"])


def test_no_more_texts_go_into_a_request_than_the_api_takes(
    server: GeminiServer, make_embedder: Make
) -> None:
    assert len(make_embedder(batch_size=1000, dimensions=4).embed(["a"] * 150)) == 150
    assert sorted(len(request.json["requests"]) for request in server.requests) == [50, 100]


def test_vertex_ai_gets_no_more_tokens_than_it_takes(
    server: GeminiServer, make_embedder: Make
) -> None:
    embedder = make_embedder("text-embedding-005", vertexai=True, project="p", dimensions=4)
    assert len(embedder.embed(["x" * 9_000] * 3)) == 3
    assert sorted(len(request.json["instances"]) for request in server.requests) == [1, 2]
    assert server.last.path.endswith("/models/text-embedding-005:predict")


@pytest.mark.parametrize("options", [{"batch_size": 0}, {"dimensions": 0}, {"location": "eu"}])
def test_what_cannot_work_is_refused_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        GoogleEmbedder("m", **options)
