"""FixedChunker: windows of equal length, whatever the text says."""

from __future__ import annotations

from racto.core.documents import Chunk, Document, cut_all
from racto.core.flows import threaded

from .sizes import require_sizes


class FixedChunker:
    """Cuts windows of ``chunk_size`` characters, each ``overlap`` before the end of the last.

    The last window ends with the text and always brings something new. Windows of nothing but
    white space are left out.

    Args:
        chunk_size: Characters in a window, at least 1.
        overlap: Characters that two neighbours share, less than ``chunk_size``.

    Raises:
        ConfigurationError: If the sizes do not fit together; it is a ``ValueError``.
    """

    def __init__(self, chunk_size: int = 512, overlap: int = 50) -> None:
        require_sizes(chunk_size, overlap)
        self.chunk_size = chunk_size
        self.overlap = overlap

    def chunk(self, document: Document) -> list[Chunk]:
        """All windows of a document in their order; none for a document without text."""
        text = document.content
        size = self.chunk_size
        # A window that began within the last ``overlap`` characters would repeat, and no more.
        last = max(len(text) - self.overlap, 1)
        starts = [
            start
            for start in range(0, last, size - self.overlap)
            if text[start : start + size].strip()
        ]
        ends = [min(start + size, len(text)) for start in starts]
        return cut_all(document, starts, ends)

    achunk = threaded(chunk)
