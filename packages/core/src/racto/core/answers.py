"""What a retrieval-augmented question returns: the answer, its sources, its citations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .documents import RetrievalResult
from .responses import LLMResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A numbered reference in an answer, pointing at an exact place in a source.

    Attributes:
        number: The number in square brackets in the answer, from 1.
        source: Path, URL or label of the document.
        chunk_id: Id of the chunk that it cites.
        start: Offset of the cited passage in the document's text, in characters.
        end: Offset after the cited passage.
        page: 1-based page, for paged sources.
        section: Headings above the passage, outermost first.
        row: 1-based row within the section, for tables and lines of records.
        quote: The cited words, exactly as they stand in the source.
        is_supported: False for a number in the answer that belongs to no retrieved chunk, and for
            a quotation that stands in none.
    """

    number: int
    source: str
    chunk_id: str
    start: int
    end: int
    page: int | None = None
    section: str | None = None
    row: int | None = None
    quote: str = ""
    is_supported: bool = True

    @property
    def location(self) -> str:
        """Where to look, for people: ``guide.pdf, page 3, characters 120-512``."""
        parts = [self.source]
        if self.page is not None:
            parts.append(f"page {self.page}")
        if self.section:
            parts.append(f"section {self.section!r}")
        if self.row is not None:
            parts.append(f"row {self.row}")
        parts.append(f"characters {self.start}-{self.end}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class RAGResponse:
    """An answer together with what it rests on.

    Attributes:
        answer: The reply, of a model or of the extractive answerer.
        sources: Retrieved chunks, best first.
        query: The question.
        context_used: The context that was put before the model.
        citations: The answer's numbered references, checked against ``sources``.
        is_grounded: False when the evidence was too thin to answer from.
        timings: Seconds by step: ``search``, embedding the question included, and ``answer``.
    """

    answer: LLMResponse
    sources: list[RetrievalResult]
    query: str
    context_used: str
    citations: tuple[Citation, ...] = ()
    is_grounded: bool = True
    timings: Mapping[str, float] = field(default_factory=dict)
