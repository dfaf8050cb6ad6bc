"""Passages put together from neighbouring chunks: nothing lost, nothing said twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from racto.core.documents import Chunk
from racto.rag.ingestion.preparation import PARTS, REWRITTEN, is_exact


def joined(chunks: Sequence[Chunk]) -> Chunk:
    """One chunk of several of one document.

    Chunks that are the source's own words and touch or overlap are put together by their offsets,
    so the result is the source's own words too. Otherwise it is marked as rewritten: white space
    that the chunker left out comes back as one or two line breaks; a rewritten chunk follows on a
    new line, without its beginning when that repeats the end of the chunk before it. Citations
    find the passage in the source by the offset that is kept for each piece.

    Args:
        chunks: At least one, in the order of their positions.

    Returns:
        The only chunk as it is; else a new one from the first's start to the last's end, on the
        page and in the section of the first, without a vector. Its id follows from the
        document's id and the offsets.
    """
    if len(chunks) == 1:
        return chunks[0]
    passage = _Passage(chunks[0])
    for chunk in chunks[1:]:
        passage.add(chunk)
    return passage.chunk()


class _Passage:
    """A passage that grows chunk by chunk."""

    def __init__(self, first: Chunk) -> None:
        self._first = self._last = first
        self._pieces = [first.content]
        self._length = len(first.content)
        self._end = first.end
        self._is_exact = is_exact(first)
        self._parts = _parts_of(first)

    def add(self, chunk: Chunk) -> None:
        """Put the next chunk behind what there is."""
        # Also a chunk that lies wholly within the others says nothing new.
        if chunk.end <= self._end and chunk.end > chunk.start:
            return
        both_exact = is_exact(chunk) and is_exact(self._last)
        gap = chunk.start - self._end
        if both_exact and gap <= 0:
            skipped, joint = -gap, ""
        elif both_exact:
            skipped, joint = 0, "\n\n" if gap > 1 else "\n"
        else:
            skipped = _repeated(self._last.content, chunk.content, max(0, -gap))
            joint = "" if skipped else "\n"
        self._is_exact = self._is_exact and both_exact and gap <= 0
        # Where each piece stands, for citations of a passage that is not the source's own words.
        at = self._length + len(joint)
        if is_exact(chunk):
            self._parts.append([at, chunk.start + skipped, len(chunk.content) - skipped])
        else:
            self._parts.append([at, max(chunk.start, self._end)])
            self._parts += [
                [at + part[0] - skipped, *part[1:]]
                for part in _parts_of(chunk)
                if part[0] > skipped
            ]
        self._pieces += [joint, chunk.content[skipped:]]
        self._length = at + len(chunk.content) - skipped
        self._last, self._end = chunk, max(self._end, chunk.end)

    def chunk(self) -> Chunk:
        """The passage as one chunk."""
        first = self._first
        # Marks of the first chunk need not be true of the whole.
        extra = {k: v for k, v in first.metadata.extra.items() if k not in (REWRITTEN, PARTS)}
        if not self._is_exact:
            extra |= {REWRITTEN: True, PARTS: self._parts}
        return Chunk(
            content="".join(self._pieces),
            chunk_id=f"{first.doc_id}:{first.start}-{self._end}",
            doc_id=first.doc_id,
            metadata=replace(first.metadata, end_char=self._end, extra=extra),
        )


def _parts_of(chunk: Chunk) -> list[list[int]]:
    if is_exact(chunk):
        return [[0, chunk.start, len(chunk.content)]]
    return [list(part) for part in chunk.metadata.extra.get(PARTS, ())]


def _repeated(before: str, after: str, overlap: int) -> int:
    """How much of the beginning of a text repeats the end of the one before it.

    Args:
        before: The text before.
        after: The text whose beginning may repeat.
        overlap: Characters of the source that both stand for.

    Returns:
        Characters; 0 when less than half the overlap is found again, which may be chance.
    """
    # Never more than the source repeats, or text that repeats itself would be lost.
    head, tail = after[:overlap], before[-overlap:] if overlap else ""
    # The border table of Knuth, Morris and Pratt: linear, whatever the text repeats.
    borders = [0] * len(head)
    matched = 0
    for at in range(1, len(head)):
        matched = _advance(head, borders, matched, head[at])
        borders[at] = matched
    matched = 0
    for sign in tail:
        matched = _advance(head, borders, matched, sign)
    return matched if 2 * matched >= overlap else 0


def _advance(head: str, borders: Sequence[int], matched: int, sign: str) -> int:
    while matched and (matched == len(head) or head[matched] != sign):
        matched = borders[matched - 1]
    return matched + 1 if head and head[matched] == sign else 0
