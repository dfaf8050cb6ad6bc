"""Engines that merge rankings: by reciprocal ranks, by sums of scores, and from parts to wholes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from racto.core import Engine
from racto.core.errors import ConfigurationError

_by_score = itemgetter(1)


class RRF(Engine):
    """Reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009).

    A document's score is the sum of ``1 / (k + rank)`` over the rankings that have it, ranks from
    1. The option ``rrf_k`` (or the setting of that name) is k; 0, the default, gives what RoutIR
    gives, and 60 is the customary value that lets lower ranks count.
    """

    def fuse_batch(
        self,
        queries: Sequence[str],
        batch_scores: Sequence[Sequence[Mapping[str, float]]],
        **kw: Any,
    ) -> list[dict[str, float]]:
        """Merge each query's rankings; best first.

        Args:
            queries: n queries; only their number matters.
            batch_scores: n lists of rankings.
            **kw: ``rrf_k`` (0 or more), ``limit`` (most documents of the result).

        Raises:
            ConfigurationError: If ``rrf_k`` is no number of at least 0.
        """
        k = _number(kw.get("rrf_k", self.config.get("rrf_k", 0)), "rrf_k")
        return [_best(_by_ranks(rankings, k), kw.get("limit")) for rankings in batch_scores]


class ScoreFusion(Engine):
    """Sums of scores, plain as in RoutIR, or brought to one scale first.

    The option or setting ``normalize`` is ``"none"`` (default), ``"minmax"`` (each ranking from 0
    to 1) or ``"zscore"`` (mean 0, deviation 1; a document that a ranking lacks counts as its
    lowest). ``weights`` are one number a ranking, 1 by default.
    """

    def fuse_batch(
        self,
        queries: Sequence[str],
        batch_scores: Sequence[Sequence[Mapping[str, float]]],
        **kw: Any,
    ) -> list[dict[str, float]]:
        """Merge each query's rankings; best first.

        Args:
            queries: n queries; only their number matters.
            batch_scores: n lists of rankings.
            **kw: ``normalize``, ``weights``, ``limit``.

        Raises:
            ConfigurationError: If an option is not one of these.
        """
        kind = kw.get("normalize", self.config.get("normalize", "none"))
        if kind not in _SCALES:
            raise ConfigurationError(f"normalize must be one of {', '.join(_SCALES)}: {kind!r}")
        weights = kw.get("weights", self.config.get("weights"))
        return [
            _best(_by_sums(rankings, _SCALES[kind], weights), kw.get("limit"))
            for rankings in batch_scores
        ]


class MaxP(Engine):
    """Documents from passages: each document gets its best passage's score.

    The setting ``separator`` is what stands between document and passage in an id (``"#"`` by
    default, cut at its last place); ``mapping`` may name the document of each passage instead.
    """

    def fuse_batch(
        self,
        queries: Sequence[str],
        batch_scores: Sequence[Sequence[Mapping[str, float]]],
        **kw: Any,
    ) -> list[dict[str, float]]:
        """One ranking of documents a query, from all its rankings of passages; best first."""
        mapping: Mapping[str, str] = self.config.get("mapping") or {}
        separator = str(self.config.get("separator", "#"))
        return [
            _best(_by_parents(rankings, mapping, separator), kw.get("limit"))
            for rankings in batch_scores
        ]


def _by_ranks(rankings: Sequence[Mapping[str, float]], k: float) -> dict[str, float]:
    fused: dict[str, float] = {}
    get = fused.get
    longest = max(map(len, rankings), default=0)
    # Made once for all rankings: the division is a third of the whole work.
    shares = [1.0 / (k + rank) for rank in range(1, longest + 1)]
    for ranking in rankings:
        for key, share in zip(_ranked(ranking), shares, strict=False):
            fused[key] = get(key, 0.0) + share
    return fused


def _ranked(ranking: Mapping[str, float]) -> Sequence[str]:
    """Ids from best to worst; equal scores keep their order."""
    scores = list(ranking.values())
    # Rankings mostly arrive in order, and looking is far cheaper than sorting pairs.
    if (
        all(map(float.__ge__, scores, itertools.islice(scores, 1, None)))
        if _floats(scores)
        else False
    ):
        return list(ranking)
    return sorted(ranking, key=ranking.__getitem__, reverse=True)


def _floats(scores: list[float]) -> bool:
    return set(map(type, scores)) == {float}


def _by_sums(
    rankings: Sequence[Mapping[str, float]],
    scale: Callable[[Mapping[str, float]], tuple[Mapping[str, float], float]],
    weights: Any,
) -> dict[str, float]:
    shares = _weights(weights, len(rankings))
    scaled = [scale(ranking) for ranking in rankings]
    # What a ranking does not have counts as its floor, or being left out would be a merit.
    ground = sum(floor * share for (_, floor), share in zip(scaled, shares, strict=True))
    fused: dict[str, float] = {}
    for (ranking, floor), share in zip(scaled, shares, strict=True):
        for key, score in ranking.items():
            fused[key] = fused.get(key, ground) + (score - floor) * share
    return fused


def _weights(weights: Any, count: int) -> list[float]:
    if weights is None:
        return [1.0] * count
    if not isinstance(weights, (list, tuple)) or len(weights) != count:
        raise ConfigurationError(f"weights must be a list of {count} numbers, one a ranking")
    return [_number(weight, "weights") for weight in weights]


def _plain(ranking: Mapping[str, float]) -> tuple[Mapping[str, float], float]:
    return ranking, 0.0


def _minmax(ranking: Mapping[str, float]) -> tuple[Mapping[str, float], float]:
    if not ranking:
        return ranking, 0.0
    low, high = min(ranking.values()), max(ranking.values())
    # All equal: each is as good as the best there is.
    span = high - low
    return {key: (score - low) / span if span else 1.0 for key, score in ranking.items()}, 0.0


def _zscore(ranking: Mapping[str, float]) -> tuple[Mapping[str, float], float]:
    if not ranking:
        return ranking, 0.0
    mean = sum(ranking.values()) / len(ranking)
    deviation = (sum((score - mean) ** 2 for score in ranking.values()) / len(ranking)) ** 0.5
    # All equal: none is better than the average.
    if not deviation:
        return dict.fromkeys(ranking, 0.0), 0.0
    scaled = {key: (score - mean) / deviation for key, score in ranking.items()}
    return scaled, min(scaled.values())


_SCALES: dict[str, Callable[[Mapping[str, float]], tuple[Mapping[str, float], float]]] = {
    "none": _plain,
    "minmax": _minmax,
    "zscore": _zscore,
}


def _by_parents(
    rankings: Sequence[Mapping[str, float]], mapping: Mapping[str, str], separator: str
) -> dict[str, float]:
    best: dict[str, float] = {}
    for key, score in itertools.chain.from_iterable(r.items() for r in rankings):
        parent = mapping.get(key) or key.rpartition(separator)[0] or key
        if score > best.get(parent, float("-inf")):
            best[parent] = score
    return best


def _best(scores: dict[str, float], limit: Any) -> dict[str, float]:
    """Best first, at most ``limit`` of them; equal scores keep their order."""
    if limit is not None and int(limit) < len(scores) // 4:
        import heapq

        # Few of many: the rest need no order. nlargest keeps the order of equals.
        return dict(heapq.nlargest(int(limit), scores.items(), key=_by_score))
    ranked = sorted(scores.items(), key=_by_score, reverse=True)
    return dict(ranked if limit is None else ranked[: int(limit)])


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e9:
        raise ConfigurationError(f"{name} must be a number of at least 0: {value!r}")
    return float(value)
