"""Any question is a safe full-text query."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from racto.core import Chunk
from racto.rag import BM25Index
from racto.rag.index.words import MOST_WORDS, content_counts, content_words, segmented, words_of

TEXTS = {
    "zh": "东京是日本的首都。富士山是日本最高的山。上海是中国最大的城市。",
    "ja": "東京は日本の首都です。富士山の高さは3776メートルです。寿司はとても美味しい。",
    "de": "Die Bücherei öffnet um neun Uhr.",
}


def test_stop_words_go_unless_nothing_else_is_left() -> None:
    assert content_words("How do I install the tool?") == ["install", "tool"]
    assert content_words("What is it?") == ["what", "is", "it"]
    assert content_words("") == []


def test_very_long_questions_are_cut() -> None:
    assert len(content_words(" ".join(f"word{n}" for n in range(5000)))) == MOST_WORDS


def test_a_word_counts_as_often_as_it_stands_there() -> None:
    assert content_counts("the flow of heat, the Heat flow, heat") == {"flow": 2, "heat": 3}
    assert content_counts("what is what") == {"what": 2, "is": 1}


def test_chinese_and_japanese_are_looked_up_by_pairs_of_signs() -> None:
    assert words_of("Tokyo東京の高さ 水") == ["tokyo", "東京", "京の", "の高", "高さ", "水"]
    assert segmented("plain, naïve") == "plain, naïve"


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("上海", {"zh"}),
        ("日本的首都是哪里？", {"zh", "ja"}),
        ("寿司", {"ja"}),
        ("水", set()),
        ("山", {"zh", "ja"}),
        ("bucherei", {"de"}),
        ("BÜCHEREI", {"de"}),
    ],
)
def test_other_languages_are_found_and_leave_the_index_whole(
    question: str, found: set[str]
) -> None:
    index = BM25Index()
    try:
        index.add([Chunk(content=text, chunk_id=name) for name, text in TEXTS.items()])
        assert {hit.chunk.chunk_id for hit in index.search(question)} == found
        # The words that leave must be the words that came.
        index.delete(list(TEXTS))
        assert index.search(question) == []
        with index._database.reading() as connection:
            connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
            assert connection.execute("SELECT count(*) FROM words_docsize").fetchone() == (0,)
    finally:
        index.close()


@given(st.text(max_size=200))
def test_no_question_breaks_a_search(question: str) -> None:
    index = BM25Index()
    try:
        index.add([Chunk(content="bees dance"), Chunk(content="AND OR NOT near column:")])
        index.search(question, 3)
    finally:
        index.close()
