"""The reference package's chunker, cleaner and HTML reader."""

from __future__ import annotations

from collections.abc import Callable

from ractogateway.rag import Document
from ractogateway.rag.chunkers import RecursiveChunker
from ractogateway.rag.processors import TextCleaner
from ractogateway.rag.readers import HtmlReader
from text import documentation, documents, page, prose


def recursive(size: int, each: int) -> Callable[[], int]:
    """Its chunks, of many documents or of one."""
    chunker = RecursiveChunker(512, 50)
    corpus = [Document(content=text, source="docs.txt") for text in documents(size, each)]

    def once() -> int:
        for document in corpus:
            chunker.chunk(document)
        return size

    return once


def clean(size: int, kind: str) -> Callable[[], int]:
    """All five steps."""
    cleaner = TextCleaner()
    text = {"prose": prose, "documentation": documentation, "brackets": "<".__mul__}[kind](size)

    def once() -> int:
        cleaner.process(text)
        return size

    return once


def html(size: int) -> Callable[[], int]:
    """Text of a page."""
    reader, data = HtmlReader(), page(size)

    def once() -> int:
        reader.read(data)
        return len(data)

    return once
