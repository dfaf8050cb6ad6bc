"""Postings weigh words as BM25 is defined, and follow every change of their index."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from math import log
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from racto.core import Chunk
from racto.rag import BM25Index
from racto.rag.index import DocumentIndex, SourceRecord, postings
from racto.rag.index.postings import K1, B, Postings
from racto.rag.index.words import content_counts

WORDS = ["bee", "wasp", "ant", "moth", "fly"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=200).map(" ".join), max_size=8)


@pytest.fixture
def index() -> Iterator[BM25Index]:
    made = BM25Index()
    yield made
    made.close()


def found(index: BM25Index, query: str, top_k: int = 10) -> dict[str, float]:
    return {hit.chunk.chunk_id: hit.score for hit in index.search(query, top_k)}


def defined(texts: list[str], query: str) -> dict[str, float]:
    """BM25 as the books have it, over words that are their own stems."""
    counts = [Counter(text.split()) for text in texts]
    mean = sum(map(Counter.total, counts)) / len(counts) if counts else 1.0
    scores: dict[str, float] = {}
    for word in query.split():
        holders = sum(word in each for each in counts)
        rarity = log(1 + (len(texts) - holders + 0.5) / (holders + 0.5))
        for place, each in enumerate(counts):
            if times := each[word]:
                norm = K1 * (1 - B + B * each.total() / mean)
                score = rarity * times * (K1 + 1) / (times + norm)
                scores[str(place)] = scores.get(str(place), 0.0) + score
    return scores


def numbered(texts: list[str]) -> list[Chunk]:
    return [Chunk(content=text or "-", chunk_id=str(n)) for n, text in enumerate(texts)]


@pytest.mark.parametrize("with_numpy", [True, False])
@settings(max_examples=40)
@given(texts=TEXTS, query=st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join))
def test_scores_are_those_of_the_definition(with_numpy: bool, texts: list[str], query: str) -> None:
    if with_numpy:
        pytest.importorskip("numpy")
    with pytest.MonkeyPatch.context() as patch:
        if not with_numpy:
            patch.delitem(sys.modules, "numpy", raising=False)
        index = BM25Index()
        try:
            index.add(numbered(texts))
            expected = {name: pytest.approx(s) for name, s in defined(texts, query).items()}
            assert found(index, query) == expected
            scores = [hit.score for hit in index.search(query, 3)]
            assert scores == sorted(scores, reverse=True)
        finally:
            index.close()


def test_numpy_changes_no_score(index: BM25Index, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numpy")
    other = BM25Index()
    chunks = numbered([" ".join(WORDS[: n % 5 + 1] * (n % 7)) for n in range(40)])
    index.add(chunks)
    other.add(chunks)
    fast = index.search("bee wasp fly bee", 40)
    monkeypatch.delitem(sys.modules, "numpy")
    assert other.search("bee wasp fly bee", 40) == fast
    other.close()


def test_words_of_parts_are_found_where_the_parts_stand_together(index: BM25Index) -> None:
    index.add(numbered(["run snake_case now", "snake in a case", "snake case snake case"]))
    hits = found(index, "snake_case")
    assert set(hits) == {"0", "2"}
    assert hits["2"] > hits["0"]


def test_words_of_most_chunks_still_count_a_little(index: BM25Index) -> None:
    index.add(numbered(["bee", "bee", "bee"]))
    assert all(score > 0 for score in found(index, "bee").values())


def test_equal_scores_come_in_the_order_of_ingestion(index: BM25Index) -> None:
    index.add(numbered(["bee"] * 30))
    assert list(found(index, "bee", 5)) == ["0", "1", "2", "3", "4"]


def test_long_chunks_have_their_length(index: BM25Index) -> None:
    texts = ["bee " + "wasp " * length for length in (1, 100, 130, 17_000)]
    index.add(numbered(texts))
    expected = {name: pytest.approx(s) for name, s in defined(texts, "bee").items()}
    assert found(index, "bee") == expected


def test_what_is_kept_is_bounded(index: BM25Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "MOST_KEPT", 3)
    index.add(numbered(["bee wasp ant"] * 3))
    for _ in range(2):
        for word in WORDS[:3]:
            assert len(found(index, word)) == 3
    assert len(index._chunks._postings._kept) == 1


def test_changes_are_seen_at_once_those_of_others_and_those_undone_too(tmp_path: Path) -> None:
    def version(text: str) -> list[Chunk]:
        return [Chunk(content=text, chunk_id=text, embedding=[1.0])]

    record = SourceRecord(key=b"a", label="a")
    folder = tmp_path / "index"
    with DocumentIndex(folder, create=True) as index, DocumentIndex(folder) as reader:
        for text in ("bee", "two bees", "three more bees"):
            index.replace(record, version(text))
            for each in (index, reader):
                assert [hit.chunk.content for hit in each.search("bee")] == [text]
                assert each.chunks.frequencies(["bees", "wasp"]) == {"bees": 1, "wasp": 0}
        with pytest.raises(RuntimeError):
            _begin_and_fail(index)
        assert len(index.search("bee")) == 1
        index.remove([b"a"])
        assert index.search("bee") == reader.search("bee") == []


def _begin_and_fail(index: DocumentIndex) -> None:
    with index._database.writing() as connection:
        connection.execute("DELETE FROM chunks")
        raise RuntimeError


def test_questions_ask_the_database_little(index: BM25Index) -> None:
    index.add(numbered(["bee wasp", "bee ant"]))
    index.search("bee wasp")
    with index._database.reading() as connection:
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
    index.search("bee wasp")
    # A transaction's two ends, the state, and the rows that are returned.
    assert len(asked) <= 5, asked


def test_a_fresh_one_knows_nothing() -> None:
    assert list(Postings().ids) == []
    assert content_counts("") == {}
