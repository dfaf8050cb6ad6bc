"""What a request must look like before it is queued: checked alone, so that it fails alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.retrieval.server.cache.keys import IRRELEVANT
from racto.retrieval.server.errors import InvalidRequestError

DEFAULT_LIMIT = 10
MOST_RESULTS = 100_000
MOST_PASSAGES = 100_000

# Fields with a meaning of their own; all others are options for the engine.
_NAMED = frozenset({"service", "query", "limit", "subset", "passages", "scores"}) | IRRELEVANT


def query_of(item: Mapping[str, Any]) -> str:
    """The request's query.

    Raises:
        InvalidRequestError: If it is missing or no text.
    """
    query = item.get("query")
    if not isinstance(query, str):
        raise InvalidRequestError(f"query must be a text, and is {_kind(query)}", field="query")
    return query


def limit_of(item: Mapping[str, Any], default: int = DEFAULT_LIMIT) -> int:
    """How many results the request wants; whole numbers as floats or digits are read as such.

    Raises:
        InvalidRequestError: If it is no whole number from 1 to 100,000.
    """
    limit = item.get("limit")
    if limit is None:
        return default
    if isinstance(limit, str) and limit.isascii() and limit.isdigit() and len(limit) < 10:
        limit = int(limit)
    # RoutIR's reranker sends its upstream limits as floats.
    if isinstance(limit, float) and limit.is_integer():
        limit = int(limit)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MOST_RESULTS:
        raise InvalidRequestError(
            f"limit must be a whole number from 1 to {MOST_RESULTS:,}: {_shown(item['limit'])}",
            field="limit",
        )
    return limit


def subset_of(item: Mapping[str, Any]) -> str | None:
    """The part of the collection to search in; None for all of it.

    Raises:
        InvalidRequestError: If it is neither a text nor null.
    """
    subset = item.get("subset")
    if subset is not None and not isinstance(subset, str):
        raise InvalidRequestError(
            f"subset must be a text or null, and is {_kind(subset)}", field="subset"
        )
    return subset


def passages_of(item: Mapping[str, Any], kind: str = "text") -> list[Any]:
    """The passages to score, in order.

    Args:
        item: The request.
        kind: ``text`` or ``bytes``, as the engine takes them.

    Raises:
        InvalidRequestError: If they are missing, no list, too many, or one is of another kind.
    """
    passages = item.get("passages")
    if not isinstance(passages, (list, tuple)):
        raise InvalidRequestError(
            f"passages must be a list, and is {_kind(passages)}", field="passages"
        )
    if len(passages) > MOST_PASSAGES:
        raise InvalidRequestError(
            f"passages has {len(passages):,} entries; {MOST_PASSAGES:,} is the most",
            field="passages",
        )
    wanted = bytes if kind == "bytes" else str
    if not {wanted}.issuperset(map(type, passages)):
        at = next(i for i, passage in enumerate(passages) if type(passage) is not wanted)
        raise InvalidRequestError(
            f"passages[{at}] must be {'bytes' if wanted is bytes else 'a text'}, "
            f"and is {_kind(passages[at])}",
            field=f"passages[{at}]",
        )
    return list(passages)


def rankings_of(item: Mapping[str, Any]) -> list[dict[str, float]]:
    """The rankings to fuse.

    Raises:
        InvalidRequestError: If ``scores`` is no list of objects of numbers.
    """
    rankings = item.get("scores")
    if not isinstance(rankings, (list, tuple)) or not all(isinstance(r, Mapping) for r in rankings):
        raise InvalidRequestError(
            "scores must be a list of objects that map ids to numbers", field="scores"
        )
    for at, ranking in enumerate(rankings):
        for key, score in ranking.items():
            if isinstance(score, bool) or not isinstance(score, (int, float)) or score != score:
                raise InvalidRequestError(
                    f"scores[{at}] gives {key!r} no number: {_shown(score)}", field=f"scores[{at}]"
                )
    return [dict(ranking) for ranking in rankings]


def options_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """All fields without a meaning of their own: options that the engine gets as they are."""
    if _NAMED.issuperset(item):
        return {}
    return {name: value for name, value in item.items() if name not in _NAMED}


def _kind(value: Any) -> str:
    return "missing" if value is None else f"of type {type(value).__name__}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."
