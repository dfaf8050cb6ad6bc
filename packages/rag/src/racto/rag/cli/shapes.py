"""Results and citations as JSON for other programs; fields are added, never renamed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from racto.core.answers import Citation
from racto.core.documents import RetrievalResult


def result_data(result: RetrievalResult) -> dict[str, Any]:
    """A found passage as plain data."""
    facts = result.chunk.metadata
    return {
        "rank": result.rank,
        "score": result.score,
        "scores": dict(result.scores),
        "source": facts.source,
        "page": facts.page,
        "section": facts.section,
        "start": facts.start_char,
        "end": facts.end_char,
        "chunk_id": result.chunk.chunk_id,
        "content": result.chunk.content,
    }


def citation_data(citation: Citation) -> dict[str, Any]:
    """A citation as plain data."""
    return {**asdict(citation), "location": citation.location}
