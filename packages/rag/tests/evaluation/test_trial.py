"""evaluate judges what a retriever finds by document, and outlives its failures."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from math import log2
from typing import Any

import pytest

from racto.core import Chunk, ChunkMetadata, RetrievalResult
from racto.core.errors import ConfigurationError, MissingExtraError, StoreError
from racto.rag.evaluation import aevaluate, evaluate

QUERIES = {"q1": "one", "q2": "two"}
QRELS = {"q1": {"a": 1, "b": 1}, "q2": {"c": 2}}


class Fixed:
    """Finds, for each question, chunks of the documents that it was given; fails at others."""

    def __init__(self, found: Mapping[str, str]) -> None:
        self._found = found
        self.asked: list[int] = []

    def retrieve(self, query: str, top_k: int = 5, filters: Any = None) -> list[RetrievalResult]:
        self.asked.append(top_k)
        if query not in self._found:
            raise StoreError(f"cannot find {query}")
        return [
            RetrievalResult(
                chunk=Chunk(content=name, metadata=ChunkMetadata(source=name)), score=1.0, rank=rank
            )
            for rank, name in enumerate(self._found[query], start=1)
        ][:top_k]

    async def aretrieve(
        self, query: str, top_k: int = 5, filters: Any = None
    ) -> list[RetrievalResult]:
        return self.retrieve(query, top_k, filters)


async def test_measures_in_both_voices() -> None:
    retriever = Fixed({"one": "axb", "two": "xyc"})
    told: list[tuple[int, int]] = []
    report = evaluate(
        retriever, QUERIES, QRELS, progress=lambda asked, total: told.append((asked, total))
    )
    one, two = report.queries
    assert one.ndcg_at_10 == pytest.approx((1 + 1 / log2(4)) / (1 + 1 / log2(3)))
    assert (one.recall_at_100, one.mrr_at_10) == (1.0, 1.0)
    assert one.average_precision == pytest.approx((1 + 2 / 3) / 2)
    assert two.mrr_at_10 == pytest.approx(1 / 3)
    assert two.ndcg_at_10 == pytest.approx(0.5)
    assert report.retriever == "Fixed"
    assert told == [(1, 2), (2, 2)]
    assert report.latency() > 0
    again = await aevaluate(retriever, QUERIES, QRELS, name="again")
    assert (again.retriever, again.ndcg_at_10) == ("again", report.ndcg_at_10)


def test_equal_scores_keep_the_retrievers_order() -> None:
    (scores,) = evaluate(Fixed({"two": "zzzc"}), {"q2": "two"}, QRELS).queries
    assert scores.mrr_at_10 == pytest.approx(0.5)


def test_a_document_stands_where_its_best_chunk_does() -> None:
    retriever = Fixed({"one": "xxxxab", "two": "c"})
    report = evaluate(retriever, QUERIES, QRELS, top_k=2, chunks_each=3)
    assert retriever.asked == [6, 6]
    assert report.queries[0].recall_at_100 == 0.5
    assert report.queries[0].mrr_at_10 == 0.5


def test_a_failure_is_told_and_scores_nothing() -> None:
    report = evaluate(Fixed({"two": "c"}), QUERIES, QRELS)
    assert report.failures == {"q1": "cannot find one"}
    assert report.ndcg_at_10 == 0.5
    with pytest.raises(StoreError, match="cannot find two"):
        evaluate(Fixed({}), QUERIES, QRELS)


@pytest.mark.parametrize(
    ("queries", "options"),
    [({}, {}), (QUERIES, {"top_k": 0}), (QUERIES, {"chunks_each": 0}), ({"q9": "x"}, {})],
)
def test_what_cannot_be_evaluated(queries: dict[str, str], options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        evaluate(Fixed({}), queries, QRELS, **options)


def test_the_missing_library_is_named_before_any_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "ir_measures":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    retriever = Fixed({})
    with pytest.raises(MissingExtraError, match=r"racto-rag\[eval\]"):
        evaluate(retriever, QUERIES, QRELS)
    assert retriever.asked == []
