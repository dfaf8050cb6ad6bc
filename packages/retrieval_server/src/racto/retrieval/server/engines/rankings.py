"""Results as rankings: equal requests of a batch asked together, hits named by chunk or document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from racto.core.documents import RetrievalResult
from racto.core.errors import ConfigurationError

BY = ("chunk", "document")
"""What the ids of a ranking may name."""


def each_limit(limit: int | Sequence[int], count: int) -> list[int]:
    """One limit a query.

    Args:
        limit: A number for all, or one each.
        count: How many queries there are.
    """
    return [limit] * count if isinstance(limit, int) else [int(most) for most in limit]


def grouped(
    limits: Sequence[int], subsets: Sequence[str | None] | None
) -> dict[tuple[int, str | None], list[int]]:
    """Places of the queries that may be asked in one pass, by limit and subset.

    One call takes one limit and one filter: with the largest limit for all, what a query gets
    could depend on its neighbours.
    """
    groups: dict[tuple[int, str | None], list[int]] = {}
    for place, most in enumerate(limits):
        groups.setdefault((most, subsets[place] if subsets else None), []).append(place)
    return groups


def ranking(results: Iterable[RetrievalResult], most: int, by: str) -> dict[str, float]:
    """Scores by id, best first; a document has the score of its best chunk.

    Args:
        results: What was found.
        most: Most ids.
        by: ``chunk`` or ``document``.
    """
    scores: dict[str, float] = {}
    for result in sorted(results, key=lambda found: -found.score):
        key = result.chunk.chunk_id if by == "chunk" else result.chunk.doc_id
        # A chunk that was added without a document stands for itself.
        scores.setdefault(key or result.chunk.chunk_id, float(result.score))
    return dict(list(scores.items())[:most])


def filter_of(name: str, field: str, subset: str | None, given: Any) -> Mapping[str, Any] | None:
    """The metadata filter of a query.

    Args:
        name: The engine's name, for messages.
        field: The field that says which part of the collection a chunk belongs to.
        subset: The part that is wanted; None for all.
        given: A filter that came with the request; None for none.

    Raises:
        ConfigurationError: If a part is wanted and no field says where it stands, or the filter
            is no mapping.
    """
    if given is not None and not isinstance(given, Mapping):
        raise ConfigurationError(f"filters must be an object, not a {type(given).__name__}")
    if subset is None:
        return given or None
    if not field:
        raise ConfigurationError(
            f"engine {name!r} knows no subsets; name the field that holds them: subset_field"
        )
    part = {field: subset}
    return {"$and": [part, dict(given)]} if given else part
