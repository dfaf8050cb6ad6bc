"""racto's chunker, cleaner and HTML reader as a user calls them."""

from __future__ import annotations

import time
from collections.abc import Callable

from text import documentation, documents, page, prose

from racto.core import Document


def recursive(size: int, each: int) -> Callable[[], int]:
    """Chunks with offsets, ids and metadata, of many documents or of one."""
    from racto.rag.chunkers import RecursiveChunker

    chunker = RecursiveChunker(512, 50)
    corpus = [
        Document(content=text, source="docs.txt", metadata={"lang": "en"})
        for text in documents(size, each)
    ]

    def once() -> int:
        for document in corpus:
            chunker.chunk(document)
        return size

    return once


def linearity(small: int, large: int) -> Callable[[], float]:
    """Speed on one large document as a share of the speed on a small one; 1 is linear."""
    runs = large // small
    one, many = recursive(large, large), recursive(small, small)

    def once() -> float:
        began = time.process_time()
        for _ in range(runs):
            many()
        between = time.process_time()
        one()
        return (between - began) / (time.process_time() - between)

    return once


def clean(size: int, kind: str) -> Callable[[], int]:
    """All five steps on prose, on documentation with its indentation, or on hostile text."""
    from racto.rag.processors import TextCleaner

    cleaner = TextCleaner()
    text = {"prose": prose, "documentation": documentation, "brackets": "<".__mul__}[kind](size)

    def once() -> int:
        cleaner.process(text)
        return size

    return once


def html(size: int) -> Callable[[], int]:
    """Text, title and headings of a page."""
    from racto.rag.readers import HtmlReader

    reader, data = HtmlReader(), page(size)

    def once() -> int:
        reader.read(data)
        return len(data)

    return once
