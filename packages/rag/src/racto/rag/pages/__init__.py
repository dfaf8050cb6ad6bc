"""The page index: retrieval by the words of pages, exact BM25, no vectors and no embedder."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .page_chunker import PageChunker as PageChunker
    from .page_index import (
        PageIndex as PageIndex,
        PageResult as PageResult,
    )
    from .pipeline import PageIndexRAG as PageIndexRAG

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "page_chunker": "PageChunker",
        "page_index": "PageIndex PageResult",
        "pipeline": "PageIndexRAG",
    },
)
