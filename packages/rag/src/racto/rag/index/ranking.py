"""From scores to the best of them, without sorting the rest."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Any

from .numbers import numpy_at_hand

_BLOCK = 64


def ranking(scores: Any, ids: Sequence[int], limit: int) -> list[tuple[int, float]]:
    """The ids of the best scores above 0, best first; equal ones in the order of their ids.

    Args:
        scores: By position in ``ids``: an array of as many float64, or a mapping.
        ids: Rising numbers.
        limit: Most of them.

    Returns:
        Pairs of an id and its score.
    """
    if isinstance(scores, dict):
        # Without a key, which would be called for each, the worst of the best is soon found.
        best = heapq.nlargest(limit, scores.values())
        last = best[-1] if best else 0.0
        kept = [(-score, place) for place, score in scores.items() if score >= last]
        return [(ids[place], -score) for score, place in sorted(kept)[:limit] if score < 0]
    np: Any = numpy_at_hand()
    least = _least(np, scores, limit)
    places = np.flatnonzero(scores >= least if least > 0 else scores > 0)
    found = scores[places]
    order = np.argsort(-found, kind="stable")[:limit]
    rows = np.asarray(ids)[places[order]].tolist()
    return list(zip(rows, found[order].tolist(), strict=True))


def _least(np: Any, scores: Any, limit: int) -> float:
    """A score that at least ``limit`` others reach, and not many more; 0.0 when it is not found.

    Of the best score of each block, at least ``limit`` reach the best but ``limit`` of them.
    """
    blocks = len(scores) // _BLOCK
    if blocks <= limit:
        return 0.0
    best = scores[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1)
    return float(np.partition(best, blocks - limit)[blocks - limit])
