"""The chunks, vectors and metadata that the suites put before implementations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.filters import lookup_of, matches, parse_filter


def vector_at(angle: float, dimension: int) -> list[float]:
    """A unit vector in the plane of the first two axes, ``angle`` radians from the first."""
    return [math.cos(angle), math.sin(angle), *[0.0] * (dimension - 2)]


def fan(count: int, dimension: int, **fields: Any) -> list[Chunk]:
    """Chunks ``c0``, ``c1``, ... whose vectors turn away from the query :func:`ahead`.

    Chunk 0 is nearest by cosine, by dot product and by distance alike, and the steps between
    neighbours are wide enough for quantised indexes.
    """
    # Less than half a turn: beyond it cosine would bring the last ones back.
    step = 2.4 / max(count, 8)
    return [
        # Not from 0: the query itself is no chunk, and two metrics disagree on exact hits.
        sample(f"c{i}", vector_at(0.1 + i * step, dimension), content=f"text {i}", **fields)
        for i in range(count)
    ]


def ahead(dimension: int) -> list[float]:
    """The query vector from which a :func:`fan` turns away."""
    return vector_at(0.0, dimension)


def sample(
    chunk_id: str,
    embedding: Sequence[float] | None,
    *,
    content: str = "text",
    extra: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Chunk:
    """One chunk with the given metadata fields and free facts."""
    fields.setdefault("source", "guide.md")
    fields.setdefault("doc_id", "guide")
    return Chunk(
        content=content,
        chunk_id=chunk_id,
        doc_id=fields["doc_id"],
        embedding=embedding,
        metadata=ChunkMetadata(extra=dict(extra or {}), **fields),
    )


def satisfying(chunks: Sequence[Chunk], given: Mapping[str, Any] | None) -> list[str]:
    """Ids of the chunks that satisfy a filter, as the reference evaluator decides."""
    tree = parse_filter(given)
    return [chunk.chunk_id for chunk in chunks if matches(tree, lookup_of(chunk))]


def same(one: Any, two: Any) -> bool:
    """Whether two pieces of metadata are equal in value and kind: 1 is neither True nor 1.0.

    A tuple equals a list, because JSON has no tuples.
    """
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        return one.keys() == two.keys() and all(same(one[key], two[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(two, list | tuple):
        return len(one) == len(two) and all(map(same, one, two))
    return type(one) is type(two) and bool(one == two)


def near(one: Sequence[float], two: Sequence[float], tolerance: float = 1e-4) -> bool:
    """Whether two vectors agree in length and, within ``tolerance``, in every value."""
    pairs = zip(one, two, strict=False)
    return len(one) == len(two) and all(abs(float(a) - float(b)) <= tolerance for a, b in pairs)


TOPICS = {
    "moon": "The moon pulls at the oceans, and tides rise and fall twice a day.",
    "bread": "Sourdough bread rises slowly because wild yeast works at its own pace.",
    "bees": "Honey bees dance to tell each other where flowers bloom.",
    "glass": "Glass is made of sand, soda and lime melted in a furnace.",
    "trains": "Steam trains carried coal, water and passengers across the country.",
    "chess": "A chess player who castles early brings the king to safety.",
}
"""Short texts on different subjects, for retrievers, rerankers and embedders."""


def topic_chunks() -> list[Chunk]:
    """One chunk for each of :data:`TOPICS`, without vectors; ``extra`` holds topic and number."""
    return [
        sample(
            topic,
            None,
            content=text,
            source=f"{topic}.md",
            doc_id=topic,
            extra={"topic": topic, "number": number, "even": number % 2 == 0},
        )
        for number, (topic, text) in enumerate(TOPICS.items())
    ]
