"""A report's figures are means over all queries, and times those of the answered ones."""

from __future__ import annotations

import json

import pytest

from racto.rag.evaluation import EvaluationReport, QueryScores


def scores(key: str, value: float, seconds: float) -> QueryScores:
    return QueryScores(
        query_id=key, ndcg_at_10=value, recall_at_100=value, mrr_at_10=value,
        average_precision=value, seconds=seconds,
    )  # fmt: skip


REPORT = EvaluationReport(
    retriever="mine",
    queries=(scores("a", 1.0, 3.0), scores("b", 0.5, 1.0), scores("c", 0.0, 0.0)),
    failures={"c": "no"},
)


def test_means_and_times() -> None:
    assert REPORT.ndcg_at_10 == REPORT.recall_at_100 == REPORT.mrr_at_10 == 0.5
    assert REPORT.mean_average_precision == 0.5
    assert [REPORT.latency(share) for share in (0.0, 0.5, 1.0)] == [1.0, 3.0, 3.0]
    with pytest.raises(ValueError, match="from 0 to 1"):
        REPORT.latency(95)


def test_no_query_at_all() -> None:
    empty = EvaluationReport(retriever="x", queries=())
    assert (empty.ndcg_at_10, empty.latency()) == (0.0, 0.0)


def test_plain_data() -> None:
    data = json.loads(json.dumps(REPORT.as_data()))
    assert data["map"] == 0.5
    assert data["failures"] == {"c": "no"}
    assert data["per_query"][1]["query_id"] == "b"
