"""FixedChunker cuts windows of equal length and no tail that only repeats."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from racto.core import Document
from racto.core.testing import ChunkerContract
from racto.rag.chunkers import FixedChunker


class TestContract(ChunkerContract):
    """FixedChunker is a chunker."""

    @pytest.fixture
    def chunker(self) -> FixedChunker:
        return FixedChunker(chunk_size=40, overlap=10)


def spans(text: str, size: int, overlap: int) -> list[tuple[int, int]]:
    chunks = FixedChunker(size, overlap).chunk(Document(content=text, source="a"))
    return [(chunk.start, chunk.end) for chunk in chunks]


def test_windows_share_the_overlap():
    assert spans("x" * 25, 10, 2) == [(0, 10), (8, 18), (16, 25)]


def test_there_is_no_tail_that_only_repeats():
    assert spans("x" * 18, 10, 2) == [(0, 10), (8, 18)]
    assert spans("x" * 10, 10, 9) == [(0, 10)]
    assert spans("x", 10, 9) == [(0, 1)]


@given(st.text(alphabet="ab \n", max_size=80), st.integers(1, 20), st.integers(0, 19))
def test_nothing_visible_is_lost(text: str, size: int, overlap: int):
    found = spans(text, size, overlap % size)
    covered = {i for start, end in found for i in range(start, end)}
    assert all(i in covered or text[i].isspace() for i in range(len(text)))
    assert all(text[start:end].strip() for start, end in found)


@given(st.text(max_size=200), st.integers(1, 40), st.integers(0, 39))
def test_laws_of_chunks_hold_on_any_text(laws, text: str, size: int, overlap: int):
    chunks = FixedChunker(size, overlap % size).chunk(Document(content=text, source="a"))
    # Windows do not look at the text: one may bring white space alone.
    laws(text, chunks, new=False)
    assert all(len(chunk.content) <= size for chunk in chunks)
    assert all(one.end - two.start <= overlap % size for one, two in pairwise(chunks))


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (5, 5), (5, -1)])
def test_sizes_that_make_no_sense_are_refused(size: int, overlap: int):
    with pytest.raises(ValueError, match=r"chunk_size|overlap"):
        FixedChunker(size, overlap)
