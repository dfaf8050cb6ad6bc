"""Windows are measured until they are nearly full, and never hold too many tokens."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from racto.rag.chunkers.counting import CountedWindows

TEXTS = st.one_of(st.text(), st.text(alphabet="a b\n\U0001f600", max_size=300))
SIZES = st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1)))


def bytes_in(text: str) -> int:
    """A tokenizer for which every byte is a token."""
    return len(text.encode())


def cut(text: str, size: int, overlap: int = 0) -> list[str]:
    starts, ends = CountedWindows(text, bytes_in, size=size, overlap=overlap).cut()
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


@settings(max_examples=300, deadline=None)
@given(text=TEXTS, sizes=SIZES)
def test_no_chunk_holds_or_repeats_more_tokens_than_it_may(text: str, sizes: tuple[int, int]):
    size, overlap = sizes
    windows = CountedWindows(text, bytes_in, size=size, overlap=overlap)
    spans = list(zip(*windows.cut(), strict=True))
    for start, end in spans:
        assert bytes_in(text[start:end]) <= size or end - start == 1
    for (_, end), (start, _) in pairwise(spans):
        assert bytes_in(text[start:end]) <= overlap


def test_chunks_are_well_filled_whatever_a_token_is():
    for text in ("word " * 2_000, "\u65e5\u672c\u8a9e " * 2_000, "x" * 9_000):
        chunks = cut(text, 200)
        assert sum(map(bytes_in, chunks[:-1])) >= 0.8 * 200 * (len(chunks) - 1)


def test_windows_end_and_begin_at_words():
    for chunk in cut("alpha beta gamma delta " * 100, 60, 20):
        assert set(chunk.split()) <= {"alpha", "beta", "gamma", "delta"}


@pytest.mark.parametrize("text", ["", " \n", "\u2028"])
def test_a_text_without_anything_visible_has_no_windows(text: str):
    assert cut(text, 10) == []
