"""The field's measures, computed by ir-measures; needs ``racto-rag[eval]``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.errors import MissingExtraError

Qrels = Mapping[str, Mapping[str, int]]
"""Relevance by query id and document id; 0 and below is not relevant."""


def measured(rankings: Mapping[str, Sequence[str]], qrels: Qrels) -> dict[str, dict[str, float]]:
    """What each ranking is worth.

    Args:
        rankings: Document ids by query id, best first, none twice.
        qrels: The judgments of these queries.

    Returns:
        By query id and the names of :class:`~racto.rag.evaluation.QueryScores`.

    Raises:
        MissingExtraError: If the library is not installed.
    """
    library = _library()
    names = {
        library.nDCG @ 10: "ndcg_at_10",
        library.R @ 100: "recall_at_100",
        library.RR @ 10: "mrr_at_10",
        library.AP: "average_precision",
    }
    # Ranks and not scores: equal scores would be put into another order than the retriever's.
    run = {
        query: {document: float(-rank) for rank, document in enumerate(documents)}
        for query, documents in rankings.items()
    }
    judged = {query: dict(qrels[query]) for query in rankings}
    found: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(names.values(), 0.0))
    for metric in library.iter_calc(list(names), judged, run):
        found[metric.query_id][names[metric.measure]] = metric.value
    return found


def _library() -> Any:
    try:
        import ir_measures
    except ImportError as exc:
        raise MissingExtraError(
            "ir_measures", install="racto-rag[eval]", purpose="Measuring retrieval"
        ) from exc
    return ir_measures
