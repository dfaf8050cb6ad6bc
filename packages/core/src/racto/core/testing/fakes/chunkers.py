"""A chunker that cuts windows of a fixed number of characters."""

from __future__ import annotations

from racto.core.documents import Chunk, Document, cut_all
from racto.core.flows import threaded


class WindowChunker:
    """Cuts documents every ``size`` characters and drops windows of white space alone.

    Args:
        size: Characters in a chunk, at least 1.
    """

    def __init__(self, size: int = 200) -> None:
        if size < 1:
            raise ValueError(f"size must be at least 1, not {size}")
        self.size = size

    def chunk(self, document: Document) -> list[Chunk]:
        """All windows of a document, in order."""
        text = document.text
        starts = [i for i in range(0, len(text), self.size) if text[i : i + self.size].strip()]
        return cut_all(document, starts, [min(i + self.size, len(text)) for i in starts])

    achunk = threaded(chunk)
