"""Chunkers: cut documents into pieces whose offsets are exact."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .code import CodeChunker as CodeChunker
    from .encoders import TokenEncoder as TokenEncoder
    from .fixed import FixedChunker as FixedChunker
    from .markdown import MarkdownChunker as MarkdownChunker
    from .recursive import RecursiveChunker as RecursiveChunker
    from .semantic import SemanticChunker as SemanticChunker
    from .sentence import SentenceChunker as SentenceChunker
    from .tokens import TokenChunker as TokenChunker

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "code": "CodeChunker",
        "encoders": "TokenEncoder",
        "fixed": "FixedChunker",
        "markdown": "MarkdownChunker",
        "recursive": "RecursiveChunker",
        "semantic": "SemanticChunker",
        "sentence": "SentenceChunker",
        "tokens": "TokenChunker",
    },
)
