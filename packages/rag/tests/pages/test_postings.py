"""Postings score as BM25's formula does, after any additions and removals."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError
from racto.rag.pages.postings import Postings

WORDS = st.sampled_from("abcdef")
PAGES = st.lists(st.lists(WORDS, max_size=12), max_size=12)


def plain(
    pages: dict[int, list[str]], terms: set[str], *, k1: float = 1.5, b: float = 0.75
) -> dict[int, float]:
    """The formula, word for word."""
    mean = sum(map(len, pages.values())) / len(pages) if pages else 0.0
    scores: dict[int, float] = {}
    for number, words in pages.items():
        counts = Counter(words)
        for term in sorted(terms & counts.keys()):
            n = sum(term in other for other in pages.values())
            idf = math.log(1 + (len(pages) - n + 0.5) / (n + 0.5))
            tf = counts[term]
            norm = k1 * (1 - b + b * len(words) / mean)
            scores[number] = scores.get(number, 0.0) + idf * tf * (k1 + 1) / (tf + norm)
    return scores


@given(PAGES, st.sets(WORDS), st.floats(0, 3), st.floats(0, 1), st.data())
def test_scores_are_the_formulas(
    pages: list[list[str]], terms: set[str], k1: float, b: float, data: st.DataObject
) -> None:
    postings = Postings(k1=k1, b=b)
    held = {postings.add(words): words for words in pages}
    for number in data.draw(st.sets(st.sampled_from(sorted(held)))) if held else ():
        postings.remove(number, held.pop(number))
    assert len(postings) == len(held)
    assert postings.scores(sorted(terms)) == pytest.approx(plain(held, terms, k1=k1, b=b))
    for term in terms:
        assert postings.holders(term) == sum(term in words for words in held.values())
        assert all(postings.holds(term, number) == (term in held[number]) for number in held)


def test_what_died_is_swept_out_without_a_trace() -> None:
    postings = Postings()
    words = [[f"w{n}", f"v{n}", "all", "all"] for n in range(2000)]
    numbers = [postings.add(each) for each in words]
    for number, each in list(zip(numbers, words, strict=True))[:-10]:
        postings.remove(number, each)
    held = dict(list(zip(numbers, words, strict=True))[-10:])
    # Half of the entries may be dead, and no more than that beyond the first thousand.
    assert sum(len(pages) for pages, _ in postings._lists.values()) < 2100
    assert postings.holders("all") == 10
    assert postings.scores(["all", "w1", "w1995"]) == pytest.approx(
        plain(held, {"all", "w1", "w1995"})
    )
    assert postings.holds("w1999", 1999)
    assert not postings.holds("w1", 1)
    assert postings.add(["all"]) == 2000


@pytest.mark.parametrize("wrong", [{"k1": -1}, {"k1": math.inf}, {"b": 1.5}, {"b": math.nan}])
def test_impossible_constants_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        Postings(**wrong)
