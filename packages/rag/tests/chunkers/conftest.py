"""The laws of chunks on any text, for the tests of all chunkers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from racto.core import Chunk

Check = Callable[..., None]


def rebuilt(text: str, chunks: Sequence[Chunk]) -> str:
    """The text from its chunks: what each brings that the one before it had not."""
    parts: list[str] = []
    at = 0
    for chunk in chunks:
        parts.append(" " * (chunk.start - at) + chunk.content[max(at - chunk.start, 0) :])
        at = chunk.end
    return "".join(parts)


@pytest.fixture(scope="session")
def laws() -> Check:
    """Checks that chunks are slices in ascending order, of which the text can be rebuilt."""

    def check(text: str, chunks: Sequence[Chunk], *, new: bool = True) -> None:
        for chunk in chunks:
            assert text[chunk.start : chunk.end] == chunk.content
            assert chunk.content.strip()
        for one, two in pairwise(chunks):
            assert one.start < two.start
            assert one.end < two.end
            assert text[one.end : two.end].strip() or not new, "a chunk brings nothing new"
        # White space between chunks is the one thing that may be left out.
        spaces = "".join(" " if letter.isspace() else letter for letter in text)
        found = rebuilt(text, chunks)
        shown = "".join(" " if letter.isspace() else letter for letter in found)
        assert shown.rstrip() == spaces.rstrip()
        ids = [chunk.chunk_id for chunk in chunks]
        assert len(set(ids)) == len(ids)

    return check
