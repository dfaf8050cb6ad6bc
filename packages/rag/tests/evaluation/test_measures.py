"""Measures are those of the library, on ranks and not on scores."""

from __future__ import annotations

from racto.rag.evaluation.measures import measured


def test_a_query_without_results_scores_nothing() -> None:
    found = measured({"q": [], "r": ["a"]}, {"q": {"a": 1}, "r": {"a": 1, "b": 0}})
    assert set(found["q"].values()) == {0.0}
    assert set(found["r"].values()) == {1.0}


def test_cutoffs() -> None:
    ranking = [str(n) for n in range(150)]
    found = measured({"q": ranking}, {"q": {"10": 1, "99": 1, "100": 1, "200": 1}})["q"]
    assert (found["ndcg_at_10"], found["mrr_at_10"], found["recall_at_100"]) == (0.0, 0.0, 0.5)
    assert found["average_precision"] > 0
