"""The contract of retrievers: the right chunks for a question, within a filter."""

from __future__ import annotations

import math
from typing import Any

import pytest

from racto.core.documents import Chunk
from racto.core.errors import FilterError
from racto.core.protocols.retrievers import BatchRetriever, Retriever

from .contract import Contract
from .samples import satisfying, topic_chunks
from .voices import Voice

QUESTIONS = {
    "bees": "honey bees dance flowers bloom",
    "bread": "sourdough bread wild yeast",
    "moon": "moon oceans tides",
}
"""Questions in words that stand in the text they ask for, by topic."""


class RetrieverContract(
    Contract, subject="retriever", protocol=Retriever, powers=(BatchRetriever,)
):
    """All laws of a retriever.

    Give a fixture ``retriever`` that asks for the fixture ``corpus`` and holds just these chunks.
    """

    @pytest.fixture
    def corpus(self) -> list[Chunk]:
        """Six short texts on different subjects, without vectors."""
        return topic_chunks()

    @pytest.mark.parametrize("topic", sorted(QUESTIONS))
    def test_best_chunk_comes_first(self, retriever: Retriever, voice: Voice, topic: str) -> None:
        """A question in a text's own words finds that text first.

        If this fails: check that the fixture holds the corpus, that questions and texts are
        embedded or tokenised the same way, and the direction of the sort.
        """
        found = voice(retriever, "retrieve", QUESTIONS[topic])
        assert found[0].chunk.chunk_id == topic

    def test_results_are_ranked(
        self, retriever: Retriever, voice: Voice, corpus: list[Chunk]
    ) -> None:
        """Results are ranked from 1, scores never rise, no chunk comes twice, all are whole.

        If this fails: rank after merging and after dropping duplicates.
        """
        found = voice(retriever, "retrieve", "bread and bees and the moon", 6)
        assert [result.rank for result in found] == list(range(1, len(found) + 1))
        scores = [result.score for result in found]
        assert all(isinstance(score, float) and math.isfinite(score) for score in scores)
        assert scores == sorted(scores, reverse=True)
        # Whole chunks: citations need the offsets, not only the text.
        known = {chunk.chunk_id: chunk for chunk in corpus}
        assert len({result.chunk.chunk_id for result in found}) == len(found)
        assert all(result.chunk == known[result.chunk.chunk_id] for result in found)

    def test_top_k_limits(self, retriever: Retriever, voice: Voice) -> None:
        """At most ``top_k`` results, five by default; below 1 raises ``ValueError``.

        If this fails: check the number first, and cut after merging.
        """
        # Words of every topic, so that even a keyword retriever has six candidates.
        question = " ".join(QUESTIONS.values()) + " glass trains chess"
        assert len(voice(retriever, "retrieve", question)) <= 5
        assert len(voice(retriever, "retrieve", question, 2)) == 2
        assert len(voice(retriever, "retrieve", question, 100)) <= 6
        for top_k in (0, -1):
            with pytest.raises(ValueError, match="top_k"):
                voice(retriever, "retrieve", question, top_k)

    def test_filter_comes_before_top_k(
        self, retriever: Retriever, voice: Voice, corpus: list[Chunk]
    ) -> None:
        """The best are chosen among the chunks that satisfy the filter.

        If this fails: hand the filter to every store and index that is searched, not to the
        merged list.
        """
        # The nearest chunk is filtered away, and top_k is 1: filtering late finds nothing.
        question = QUESTIONS["bees"] + " bread"
        cases: list[dict[str, Any]] = [
            {"topic": "bread"}, {"number": {"$in": [1]}, "even": False}, {"source": "bread.md"},
            {"$not": {"topic": {"$ne": "bread"}}},
        ]  # fmt: skip
        for filters in cases:
            found = voice(retriever, "retrieve", question, 1, filters)
            assert [result.chunk.chunk_id for result in found] == satisfying(corpus, filters)

    def test_filter_without_matches(self, retriever: Retriever, voice: Voice) -> None:
        """A filter that nothing satisfies gives no results; a malformed one ``FilterError``.

        If this fails: never fall back to an unfiltered search; parse the filter first.
        """
        assert voice(retriever, "retrieve", QUESTIONS["bees"], 5, {"topic": "none"}) == []
        with pytest.raises(FilterError):
            voice(retriever, "retrieve", QUESTIONS["bees"], 5, {"topic": {"$like": "b"}})

    def test_any_question_is_answered(self, retriever: Retriever, voice: Voice) -> None:
        """Questions of unknown words, operators and odd characters raise nothing.

        If this fails: the question is data; quote it for full-text engines.
        """
        # The second one is a syntax error to most full-text engines.
        for question in ("xyzzy", 'AND OR ( " * : ~ -', "日本語", "👩‍👩‍👧", "bees " * 300):
            assert len(voice(retriever, "retrieve", question)) <= 5

    def test_same_question_same_answer(self, retriever: Retriever, voice: Voice) -> None:
        """The same question gives the same results, alone and among many callers.

        If this fails: break ties by chunk id, and share no scratch space between calls.
        """
        question = QUESTIONS["moon"]
        first = _ids(voice(retriever, "retrieve", question))
        answers = voice.together(retriever, "retrieve", [(question,)] * 8)
        assert all(_ids(answer) == first for answer in answers)

    def test_batch_equals_single_questions(self, retriever: Retriever, voice: Voice) -> None:
        """A batch gives each question what it would get alone.

        If this fails: check the order of the answers, and that ``top_k`` and filters are used.
        """
        self.needs_power(retriever, BatchRetriever)
        questions = list(QUESTIONS.values())
        # It removes the best answer of one question and leaves the others alone.
        filters = {"topic": {"$ne": "moon"}}
        batch = voice(retriever, "retrieve_batch", questions, 2, filters)
        single = [voice(retriever, "retrieve", question, 2, filters) for question in questions]
        assert [_ids(found) for found in batch] == [_ids(found) for found in single]
        assert voice(retriever, "retrieve_batch", []) == []


def _ids(found: list[Any]) -> list[str]:
    return [result.chunk.chunk_id for result in found]
