"""EvaluationReport: the figures of one retriever on one collection, query by query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from statistics import fmean
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryScores:
    """How well one query was answered; each measure is from 0.0 to 1.0.

    Attributes:
        query_id: Id of the query.
        ndcg_at_10: Normalised discounted cumulative gain of the first 10 documents.
        recall_at_100: Share of the relevant documents that are among the first 100.
        mrr_at_10: 1 / rank of the first relevant document, 0.0 when it is behind rank 10.
        average_precision: Mean precision at each relevant document of the whole ranking.
        seconds: How long the retriever took; 0.0 when it failed.
    """

    query_id: str
    ndcg_at_10: float
    recall_at_100: float
    mrr_at_10: float
    average_precision: float
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReport:
    """What an evaluation found.

    Attributes:
        retriever: A name for people.
        queries: The scores of each query, in the order in which they were asked.
        failures: Why, by the ids of queries that the retriever failed at; they score 0.0.
        top_k: How many documents were asked for a query.
    """

    retriever: str
    queries: tuple[QueryScores, ...]
    failures: Mapping[str, str] = field(default_factory=dict)
    top_k: int = 100

    @property
    def ndcg_at_10(self) -> float:
        """Mean nDCG@10 over all queries."""
        return self._mean("ndcg_at_10")

    @property
    def recall_at_100(self) -> float:
        """Mean recall@100 over all queries."""
        return self._mean("recall_at_100")

    @property
    def mrr_at_10(self) -> float:
        """Mean reciprocal rank over all queries, of the first 10 documents."""
        return self._mean("mrr_at_10")

    @property
    def mean_average_precision(self) -> float:
        """Mean of the average precision over all queries (MAP)."""
        return self._mean("average_precision")

    def latency(self, share: float = 0.5) -> float:
        """Seconds within which this share of the answered queries was answered.

        Args:
            share: From 0.0 to 1.0; 0.5 is the median.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"share is from 0 to 1, not {share}")
        times = sorted(
            scores.seconds for scores in self.queries if scores.query_id not in self.failures
        )
        return times[min(int(share * len(times)), len(times) - 1)] if times else 0.0

    def as_data(self) -> dict[str, Any]:
        """The report as plain data for JSON, query by query."""
        return {
            "retriever": self.retriever,
            "queries": len(self.queries),
            "top_k": self.top_k,
            "ndcg_at_10": self.ndcg_at_10,
            "recall_at_100": self.recall_at_100,
            "mrr_at_10": self.mrr_at_10,
            "map": self.mean_average_precision,
            "latency_p50_seconds": self.latency(0.5),
            "latency_p95_seconds": self.latency(0.95),
            "failures": dict(self.failures),
            "per_query": [asdict(scores) for scores in self.queries],
        }

    def _mean(self, name: str) -> float:
        return fmean(getattr(scores, name) for scores in self.queries) if self.queries else 0.0
