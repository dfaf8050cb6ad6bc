"""PageChunker keeps the contract of chunkers, and a document's own pages."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from racto.core import Document
from racto.core.errors import ConfigurationError
from racto.core.testing import ChunkerContract
from racto.rag.pages import PageChunker


class TestPageChunkerKeepsTheContract(ChunkerContract):
    @pytest.fixture
    def chunker(self) -> PageChunker:
        return PageChunker(80, 10)


def test_pages_that_fit_stay_whole_and_others_are_cut() -> None:
    document = Document(content="a" * 50 + "b" * 130 + "c" * 9, source="s", pages=(0, 50, 180))
    chunks = PageChunker(100, 20).chunk(document)
    assert [(c.start, c.end, c.metadata.page) for c in chunks] == [
        (0, 50, 1), (50, 150, 2), (130, 180, 2), (180, 189, 3),
    ]  # fmt: skip


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(ConfigurationError):
        PageChunker(10, 10)


@given(
    st.text(st.sampled_from("ab \n"), max_size=200),
    st.lists(st.integers(0, 220), max_size=6),
    st.integers(1, 30),
    st.integers(0, 29),
)
def test_no_page_is_crossed_and_no_word_is_lost(
    text: str, pages: list[int], size: int, overlap: int
) -> None:
    document = Document(content=text, source="s", pages=tuple(sorted(pages)))
    chunks = PageChunker(size, min(overlap, size - 1)).chunk(document)
    covered: set[int] = set()
    for chunk in chunks:
        assert chunk.content == text[chunk.start : chunk.end]
        assert len(chunk.content) <= size
        assert not any(chunk.start < border < chunk.end for border in pages)
        covered.update(range(chunk.start, chunk.end))
    assert all(at in covered or text[at].isspace() for at in range(len(text)))
