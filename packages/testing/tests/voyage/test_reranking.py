"""Documents are ranked by how near they are to the query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.testing import VoyageServer
from racto.testing.exchange import Incoming
from racto.testing.payloads import encoded
from racto.testing.voyage.reranking import rerank

ASKED = {"model": "rerank-2", "query": "red fox", "documents": ["tax law", "a fox", "red fox"]}


def test_the_nearest_stands_first(post: Callable[..., Any]) -> None:
    answer = post("/rerank", ASKED).json()
    assert [each["index"] for each in answer["data"]] == [2, 1, 0]
    assert answer["data"][0]["relevance_score"] == pytest.approx(1)
    assert answer["model"] == "rerank-2"
    assert answer["usage"]["total_tokens"] > 0
    assert "document" not in answer["data"][0]


def test_only_the_best_are_told_with_their_words(post: Callable[..., Any]) -> None:
    answer = post("/rerank", {**ASKED, "top_k": 1, "return_documents": True}).json()
    assert [each["document"] for each in answer["data"]] == ["red fox"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"query": ""}, "Query cannot be an empty string."),
        ({"documents": []}, "Argument 'documents' is not valid"),
        ({"documents": ["a"] * 1001}, "Argument 'documents' is not valid"),
        ({"top_k": 0}, "Argument 'top_k' is not valid"),
        ({"limit": 3}, "Argument 'limit' is not supported by our API"),
    ],
)
def test_wrong_requests_are_refused(
    fields: dict[str, Any], told: str, post: Callable[..., Any]
) -> None:
    answer = post("/rerank", {**ASKED, **fields})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(told)


@settings(max_examples=30)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=8))
def test_scores_fall_and_every_document_is_ranked(documents: list[str]) -> None:
    body = encoded({"model": "m", "query": "q", "documents": documents})
    data = rerank(Incoming(method="POST", path="", body=body)).render()["data"]
    scores = [each["relevance_score"] for each in data]
    assert scores == sorted(scores, reverse=True)
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in scores)
    assert sorted(each["index"] for each in data) == list(range(len(documents)))


def test_a_failure_is_for_ranks_too(voyage_server: VoyageServer, post: Callable[..., Any]) -> None:
    voyage_server.fail("server_error")
    assert post("/rerank", ASKED).status_code == 500
