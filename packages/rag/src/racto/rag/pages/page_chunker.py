"""PageChunker: a document as pages, its own where it has them, else windows of equal length."""

from __future__ import annotations

from itertools import pairwise

from racto.core.documents import Chunk, Document, cut_all
from racto.core.flows import threaded
from racto.rag.chunkers.sizes import require_sizes


class PageChunker:
    """Cuts documents into pages.

    A document without pages is cut into windows of ``page_size`` characters. One that has pages
    keeps them: no window goes beyond a page, a page that fits into ``page_size`` stays whole, and
    a longer one is cut into windows. Windows of nothing but white space are left out.

    Args:
        page_size: Most characters of a page, at least 1.
        overlap: Characters that two windows share, less than ``page_size``.

    Raises:
        ConfigurationError: If the sizes do not fit together; it is a ``ValueError``.
    """

    def __init__(self, page_size: int = 1000, overlap: int = 100) -> None:
        require_sizes(page_size, overlap)
        self.page_size = page_size
        self.overlap = overlap

    def chunk(self, document: Document) -> list[Chunk]:
        """All pages of a document in their order; none for a document without text."""
        text, size, overlap = document.content, self.page_size, self.overlap
        borders = sorted({0, len(text), *(at for at in document.pages if at < len(text))})
        # Readers of other packages may give borders beyond the text, or none at its beginning.
        starts: list[int] = []
        ends: list[int] = []
        for begin, end in pairwise(borders):
            # A window that began within the last ``overlap`` characters would only repeat.
            for start in range(begin, max(end - overlap, begin + 1), size - overlap):
                stop = min(start + size, end)
                if text[start:stop].strip():
                    starts.append(start)
                    ends.append(stop)
        return cut_all(document, starts, ends)

    achunk = threaded(chunk)
