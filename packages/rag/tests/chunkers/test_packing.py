"""Packing prefers strong borders, spares blocks that fit, and stays within its bounds."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings, strategies as st

from racto.core import Document
from racto.core.documents import cut_all
from racto.rag.chunkers.packing import Borders, Packer

STOPS = ((". ", 1), ("\n", 0), (";", 1), (" ", 0))
TEXTS = st.one_of(st.text(), st.text(alphabet="a \n;.", max_size=200))


def cut(text: str, size: int, strengths: dict[int, int], overlap: int = 0) -> list[str]:
    borders = Borders(list(strengths), list(strengths.values()))
    starts, ends = Packer(size, overlap, stops=STOPS, wall=9).cut(text, borders)
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]


@settings(max_examples=300, deadline=None)
@given(data=st.data(), text=TEXTS, size=st.integers(1, 40))
def test_laws_of_chunks_hold_on_any_text(laws, data, text, size):
    overlap = data.draw(st.integers(0, size - 1))
    lines = [at for at, letter in enumerate(text) if letter.isspace() is False]
    places = data.draw(st.lists(st.sampled_from(lines), unique=True) if lines else st.just([]))
    strengths = [data.draw(st.integers(0, 12)) for _ in places]
    packer = Packer(size, overlap, stops=STOPS, wall=9)
    starts, ends = packer.cut(text, Borders(sorted(places), strengths))
    chunks = cut_all(Document(content=text, source="a", doc_id="d"), starts, ends)
    laws(text, chunks)
    for one, two in itertools.pairwise(chunks):
        assert one.end - two.start <= overlap
    assert all(len(chunk.content) <= size for chunk in chunks)


BLOCKS = "aaaa\nbbbb\ncccc\ndddd"


def test_the_strongest_border_wins_and_of_equal_ones_the_last():
    assert cut(BLOCKS, 16, {5: 2, 10: 2}) == ["aaaa\nbbbb", "cccc\ndddd"]
    assert cut(BLOCKS, 16, {5: 2, 10: 1, 15: 1}) == ["aaaa", "bbbb\ncccc\ndddd"]


def test_a_block_that_would_not_fit_anyway_is_not_spared():
    assert cut(BLOCKS, 12, {5: 2, 10: 1}) == ["aaaa\nbbbb", "cccc\ndddd"]


def test_without_borders_a_chunk_ends_at_the_best_stop_of_its_last_third():
    assert cut("one two. three four five", 12, {}) == ["one two.", "three four", "five"]
    assert cut("aaaaaaaaa;bbbbb", 10, {}) == ["aaaaaaaaa;", "bbbbb"]
    assert cut("aaaaaaaaaa;bbbb", 10, {}) == ["aaaaaaaaaa", ";bbbb"]


def test_indentation_is_kept_unless_it_fills_the_chunk():
    assert cut("aaa\n\n    b", 9, {5: 1}) == ["aaa", "    b"]
    assert cut("a\n" + " " * 90 + "b", 6, {2: 1}) == ["a", "b"]


def test_overlap_begins_at_a_border_and_not_before_a_wall():
    assert cut(BLOCKS, 10, {5: 1, 10: 1, 15: 1}, 6)[:2] == ["aaaa\nbbbb", "bbbb\ncccc"]
    assert cut(BLOCKS, 10, {5: 1, 10: 9, 15: 1}, 6)[:2] == ["aaaa\nbbbb", "cccc\ndddd"]


class CountedBorders(list):  # type: ignore[type-arg]
    """Strengths that count how many of them are looked at."""

    looked_at = 0

    def __getitem__(self, at):
        found = super().__getitem__(at)
        type(self).looked_at += len(found) if isinstance(at, slice) else 1
        return found


@pytest.mark.parametrize("pattern", [[1], [9, 1, 1, 1, 1, 1, 1], [1, 2, 3, 4, 5], [5, 4, 3, 2, 1]])
def test_no_border_is_looked_at_often(pattern: list[int]):
    def work(lines: int) -> int:
        CountedBorders.looked_at = 0
        strengths = CountedBorders((pattern * lines)[:lines])
        borders = Borders(list(range(0, 4 * lines, 4)), strengths)
        Packer(100, 20, stops=STOPS, wall=9).cut("abc\n" * lines, borders)
        return CountedBorders.looked_at

    assert work(8_000) <= 4.2 * work(2_000)
    assert work(8_000) <= 20 * 8_000
