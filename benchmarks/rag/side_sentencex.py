"""sentencex by itself: bare sentences, or sentences with their offsets."""

from __future__ import annotations

from collections.abc import Callable

from sentencex import get_sentence_boundaries, segment
from text import documents, prose


def bare(size: int, each: int) -> Callable[[], int]:
    """Sentences as strings; on texts of more than 10 kB it loses the empty lines between them."""
    texts = documents(size, each)

    def once() -> int:
        for text in texts:
            segment("en", text)
        return size

    return once


def with_offsets(size: int, each: int) -> Callable[[], int]:
    """Sentences with their offsets."""
    texts = documents(size, each)

    def once() -> int:
        for text in texts:
            get_sentence_boundaries("en", text)
        return size

    return once


def paragraph(size: int) -> Callable[[], int]:
    """Sentences of one paragraph as strings."""
    text = prose(size)

    def once() -> int:
        segment("en", text)
        return size

    return once
