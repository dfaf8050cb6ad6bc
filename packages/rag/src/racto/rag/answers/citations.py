"""Citations: numbers in an answer, checked against the sources they claim to stand for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from racto.core.answers import Citation
from racto.core.documents import Chunk, Document, RetrievalResult
from racto.rag.ingestion.preparation import PARTS, is_exact

from .evidence import Question
from .sentences import Span, sentences
from .stems import stems_of

_NUMBERS = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\](?!\()")
# In code brackets are indices: ``items[1]`` cites nothing.
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
# Shorter ones are names and ironies as often as quotations.
_QUOTED = re.compile(r"(?:(?<!\w)\"|[“„«])(?=\S)([^\"“”„«»]{20,400})(?<=\S)[\"”“»](?!\w)")
_WORDS = re.compile(r"\w+")
# A number stands right behind its claim; what is further away belongs to another one.
_FURTHEST_CLAIM = 400


def citation_of(number: int, chunk: Chunk, span: Span) -> Citation:
    """A citation of a passage of a chunk.

    Args:
        number: Its number in the answer.
        chunk: The chunk.
        span: Offsets of the passage in the chunk's content.

    Returns:
        Offsets into the document's text, exact when the content is the source's own words; when
        a processor rewrote it, those of the part of the chunk that is on one page and in one
        section. Page and section are the chunk's own; see :func:`place_citations`.
    """
    if is_exact(chunk):
        start, end = chunk.start + span.start, chunk.start + span.end
    else:
        start, end = chunk.start, chunk.end
        for place, offset, *exact in chunk.metadata.extra.get(PARTS, ()):
            if place <= span.start:
                start, end = offset, chunk.end
                if exact and span.end <= place + exact[0]:
                    start, end = offset + span.start - place, offset + span.end - place
                    break
            elif place >= span.end:
                end = offset
                break
    return Citation(
        number=number,
        source=chunk.metadata.source,
        chunk_id=chunk.chunk_id,
        start=start,
        end=end,
        page=chunk.metadata.page,
        section=chunk.metadata.section,
        quote=chunk.content[span.start : span.end],
    )


def place_citations(
    citations: Sequence[Citation],
    sources: Sequence[RetrievalResult],
    outline_of: Callable[[str], Document | None],
) -> tuple[Citation, ...]:
    """Citations with the page, section and row of the quoted words; a chunk may hold several.

    Args:
        citations: As an answerer made them.
        sources: The chunks they come from.
        outline_of: Finds a document's pages, sections and rows by its id; None leaves the chunk's.
    """
    documents = {result.chunk.chunk_id: result.chunk.doc_id for result in sources}
    outlines = {
        doc_id: outline_of(doc_id)
        for doc_id in {documents.get(citation.chunk_id, "") for citation in citations}
        if doc_id
    }
    return tuple(
        _placed(citation, outlines.get(documents.get(citation.chunk_id, "")))
        for citation in citations
    )


def _placed(citation: Citation, outline: Document | None) -> Citation:
    if outline is None:
        return citation
    at = citation.start
    return replace(
        citation, page=outline.page_at(at), section=outline.section_at(at), row=outline.row_at(at)
    )


def cited_numbers(answer: str) -> dict[int, str]:
    """The numbers in brackets of an answer, each with the claim before its first use."""
    claims: dict[int, str] = {}
    without_code = _CODE.sub(lambda code: " " * len(code[0]), answer)
    for found in _NUMBERS.finditer(without_code):
        before = answer[max(0, found.start() - _FURTHEST_CLAIM) : found.start()]
        # Earlier numbers would part the claim from its first words.
        plain = _NUMBERS.sub("", before).rstrip()
        spans = sentences(plain)
        claim = plain[spans[-1].start :] if spans else ""
        for number in re.split(r"\s*[,;]\s*", found.group(1)):
            claims.setdefault(int(number), claim)
    return claims


def check_citations(answer: str, sources: Sequence[RetrievalResult]) -> tuple[Citation, ...]:
    """The citations of a model's answer, in the order of their first use.

    Args:
        answer: The answer, with numbers in brackets.
        sources: What the numbers stand for: 1 is the first.

    Returns:
        One citation a number. It quotes the sentence of the source that is nearest to the
        claim. ``is_supported`` is false for a number without a source, and for a claim that puts
        words in quotation marks which stand in none of the sources.
    """
    claims = cited_numbers(answer)
    invented = _invented(claims.values(), sources)
    return tuple(
        replace(found, is_supported=False) if claim in invented else found
        for number, claim in claims.items()
        for found in (_checked(number, claim, sources),)
    )


def _invented(claims: Iterable[str], sources: Sequence[RetrievalResult]) -> set[str]:
    """The claims that quote what no source says."""
    quoted = {claim: quotes for claim in claims if (quotes := _QUOTED.findall(claim))}
    if not quoted:
        return set()
    texts = [_plain(result.chunk.content) for result in sources]
    return {
        claim
        for claim, quotes in quoted.items()
        if any(not any(_plain(quote) in text for text in texts) for quote in quotes)
    }


def _plain(text: str) -> str:
    """The words alone: marks and line breaks are what people change when they quote."""
    return " ".join(_WORDS.findall(text.casefold()))


def _checked(number: int, claim: str, sources: Sequence[RetrievalResult]) -> Citation:
    # Kept and marked instead of dropped: a reader must see that the model invented a source.
    if not 1 <= number <= len(sources):
        return Citation(number=number, source="", chunk_id="", start=0, end=0, is_supported=False)
    chunk = sources[number - 1].chunk
    asked = Question(claim)
    spans = sentences(chunk.content) or [Span(0, len(chunk.content))]
    best = max(
        spans, key=lambda span: asked.coverage(stems_of(chunk.content[span.start : span.end]))
    )
    return citation_of(number, chunk, best)
