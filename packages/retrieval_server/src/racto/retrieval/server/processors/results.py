"""What an engine may return for one request; anything else is an error of that request alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.errors import EngineError

_FLOAT = {float}
_STR = {str}


def ranking_from(result: Any, limit: int | None, name: str) -> dict[str, float]:
    """A ranking as it goes to a client: best first, ids as texts, finite numbers, none too many.

    Args:
        result: A mapping from id to score, or pairs of them.
        limit: Most entries; None for all.
        name: The engine's name, for the message.

    Raises:
        EngineError: If an id is no text, comes twice, or has no finite number.
    """
    scores = result if type(result) is dict else _mapped(result, name)
    values = list(scores.values())
    # The usual case costs a handful of passes in C: plain floats, in order, none of them NaN.
    if (
        set(map(type, values)) != _FLOAT
        or not math.isfinite(sum(values))
        or (values and set(map(type, scores)) != _STR)
    ):
        scores = _mended(scores, name)
        values = list(scores.values())
    if values != sorted(values, reverse=True):
        scores = dict(sorted(scores.items(), key=lambda pair: pair[1], reverse=True))
    if limit is not None and len(scores) > limit:
        return {key: scores[key] for _, key in zip(range(limit), scores, strict=False)}
    return dict(scores)


def scores_from(result: Any, count: int, name: str) -> list[float]:
    """Scores of passages, in their order.

    Args:
        result: Numbers, as many as there were passages; arrays will do.
        count: How many passages there were.
        name: The engine's name, for the message.

    Raises:
        EngineError: If there are more or fewer, or one is no finite number.
    """
    if isinstance(result, (str, bytes, Mapping)) or not hasattr(result, "__len__"):
        raise EngineError(f"engine {name!r} returned a {type(result).__name__} instead of scores")
    if len(result) != count:
        raise EngineError(f"engine {name!r} returned {len(result)} scores for {count} passages")
    return [_number(score, f"passage {at}", name) for at, score in enumerate(result)]


def queries_from(result: Any, limit: int, name: str) -> list[str]:
    """Sub-queries: texts, none twice, at most as many as asked for.

    Raises:
        EngineError: If it is no list of texts.
    """
    if not isinstance(result, Sequence) or isinstance(result, (str, bytes)):
        raise EngineError(f"engine {name!r} returned a {type(result).__name__} instead of queries")
    for at, query in enumerate(result):
        if not isinstance(query, str):
            raise EngineError(
                f"engine {name!r} returned a {type(query).__name__} as sub-query {at}"
            )
    return list(dict.fromkeys(result))[:limit]


def _mapped(result: Any, name: str) -> dict[Any, Any]:
    if isinstance(result, Mapping):
        return dict(result)
    if isinstance(result, Sequence) and not isinstance(result, (str, bytes)):
        pairs = [entry for entry in result if isinstance(entry, (list, tuple)) and len(entry) == 2]
        if len(pairs) == len(result):
            scores = {key: score for key, score in pairs}  # noqa: C416 - lists are pairs too
            if len(scores) != len(pairs):
                raise EngineError(f"engine {name!r} returned a document twice")
            return scores
    raise EngineError(f"engine {name!r} returned a {type(result).__name__} instead of a ranking")


def _mended(scores: Mapping[Any, Any], name: str) -> dict[str, float]:
    for key in scores:
        if not isinstance(key, str):
            raise EngineError(
                f"engine {name!r} returned an id of type {type(key).__name__}; ids are texts"
            )
    return {key: _number(score, f"document {key!r}", name) for key, score in scores.items()}


def _number(score: Any, what: str, name: str) -> float:
    if type(score) is not float:
        # Numpy's numbers and tensors of one element say what they are by ``item``.
        score = score.item() if callable(getattr(score, "item", None)) else score
        if isinstance(score, bool) or not isinstance(score, (int, float)):
            raise EngineError(
                f"engine {name!r} returned a {type(score).__name__} as the score of {what}"
            )
        score = float(score)
    if not math.isfinite(score):
        raise EngineError(f"engine {name!r} returned {score} as the score of {what}")
    return float(score)
