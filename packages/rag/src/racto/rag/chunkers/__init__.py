"""Chunkers: cut documents into pieces whose offsets are exact."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .fixed import FixedChunker as FixedChunker
    from .recursive import RecursiveChunker as RecursiveChunker

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "fixed": "FixedChunker",
        "recursive": "RecursiveChunker",
    },
)
