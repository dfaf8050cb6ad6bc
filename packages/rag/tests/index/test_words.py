"""Any question is a safe full-text query."""

from __future__ import annotations

from hypothesis import given, strategies as st

from racto.core import Chunk
from racto.rag import BM25Index
from racto.rag.index.words import MOST_WORDS, content_words, match_any


def test_stop_words_go_unless_nothing_else_is_left() -> None:
    assert content_words("How do I install the tool?") == ["install", "tool"]
    assert content_words("What is it?") == ["what", "is", "it"]
    assert content_words("") == []


def test_very_long_questions_are_cut() -> None:
    assert len(content_words(" ".join(f"word{n}" for n in range(5000)))) == MOST_WORDS


def test_operators_are_words() -> None:
    assert match_any(["and", "near", "_", "x_y"]) == '"and" OR "near" OR "x_y"'


@given(st.text(max_size=200))
def test_no_question_breaks_a_search(question: str) -> None:
    index = BM25Index()
    try:
        index.add([Chunk(content="bees dance"), Chunk(content="AND OR NOT near column:")])
        index.search(question, 3)
    finally:
        index.close()
