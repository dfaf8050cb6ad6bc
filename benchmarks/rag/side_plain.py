"""The least that a chunker in Python has to do: windows cut with rfind, as bare strings."""

from __future__ import annotations

from collections.abc import Callable

from text import documents

SEPARATORS = ("\n\n", "\n", ". ", " ")


def windows(size: int, each: int) -> Callable[[], int]:
    """Slices of at most 512 characters; no offsets, no objects, no promise kept."""
    texts = documents(size, each)

    def once() -> int:
        for text in texts:
            _cut(text)
        return size

    return once


def _cut(text: str) -> list[str]:
    pieces: list[str] = []
    start = 0
    while start < len(text):
        end = start + 512
        if end < len(text):
            for separator in SEPARATORS:
                if (found := text.rfind(separator, start + 256, end)) >= 0:
                    end = found + len(separator)
                    break
        pieces.append(text[start:end])
        if end >= len(text):
            break
        start = end - 50
    return pieces
