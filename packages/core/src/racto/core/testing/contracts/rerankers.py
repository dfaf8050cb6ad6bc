"""The contract of rerankers: the same results in a better order, and nothing else."""

from __future__ import annotations

import math

import pytest

from racto.core.documents import RetrievalResult
from racto.core.protocols.rerankers import Reranker

from .contract import Contract
from .samples import topic_chunks
from .voices import Voice

QUERY = "How do bees tell each other where flowers bloom?"


def _candidates() -> list[RetrievalResult]:
    return [
        RetrievalResult(chunk=chunk, score=1.0 - rank / 10, rank=rank)
        for rank, chunk in enumerate(topic_chunks(), start=1)
    ]


class RerankerContract(Contract, subject="reranker", protocol=Reranker):
    """All laws of a reranker. Give a fixture ``reranker``."""

    def test_results_are_reordered(self, reranker: Reranker, voice: Voice) -> None:
        """All candidates come back once, best first, ranked from 1, the right one on top.

        If this fails: sort by the new scores, descending, and give ranks after sorting; a model
        that scores distance needs its sign turned.
        """
        found = voice(reranker, "rerank", QUERY, _candidates())
        assert found[0].chunk.chunk_id == "bees"
        assert [result.rank for result in found] == list(range(1, len(found) + 1))
        scores = [result.score for result in found]
        assert all(isinstance(score, float) and math.isfinite(score) for score in scores)
        assert scores == sorted(scores, reverse=True)
        given = _candidates()
        assert {r.chunk.chunk_id: r.chunk for r in found} == {
            r.chunk.chunk_id: r.chunk for r in given
        }
        # Counted apart, because a chunk that comes twice vanishes in the comparison above.
        assert len(found) == len(given)

    def test_top_k_limits(self, reranker: Reranker, voice: Voice) -> None:
        """``top_k`` keeps the best; None, or more than there are, keeps all.

        If this fails: score all candidates first and cut afterwards.
        """
        # The best two of all, not the two best of the first few.
        everything = voice(reranker, "rerank", QUERY, _candidates())
        best = voice(reranker, "rerank", QUERY, _candidates(), top_k=2)
        assert [r.chunk.chunk_id for r in best] == [r.chunk.chunk_id for r in everything[:2]]
        assert len(voice(reranker, "rerank", QUERY, _candidates(), top_k=None)) == 6
        assert len(voice(reranker, "rerank", QUERY, _candidates(), top_k=100)) == 6

    @pytest.mark.parametrize("top_k", [0, -1])
    def test_top_k_below_one_is_refused(self, reranker: Reranker, voice: Voice, top_k: int) -> None:
        """``top_k`` below 1 raises ``ValueError``.

        If this fails: check it first; a slice up to 0 or -1 drops results in silence.
        """
        with pytest.raises(ValueError, match="top_k"):
            voice(reranker, "rerank", QUERY, _candidates(), top_k=top_k)

    def test_nothing_to_rerank(self, reranker: Reranker, voice: Voice) -> None:
        """No candidates give no results.

        If this fails: return early; models refuse an empty batch.
        """
        assert voice(reranker, "rerank", QUERY, []) == []

    def test_candidates_stay_as_they_are(self, reranker: Reranker, voice: Voice) -> None:
        """The caller's list keeps its order, and may be a tuple.

        If this fails: sort a copy.
        """
        candidates = _candidates()
        voice(reranker, "rerank", QUERY, candidates)
        # The caller may show both orders side by side.
        assert candidates == _candidates()
        assert len(voice(reranker, "rerank", QUERY, tuple(candidates))) == 6

    def test_old_order_does_not_matter(self, reranker: Reranker, voice: Voice) -> None:
        """The best result is the best in whatever order the candidates came.

        If this fails: ties broken by the old rank are fine; scores that depend on it are not.
        """
        # Only the winner is compared: models that look at all candidates at once may differ below.
        found = voice(reranker, "rerank", QUERY, list(reversed(_candidates())))
        assert found[0].chunk.chunk_id == "bees"

    def test_many_callers_at_once(self, reranker: Reranker, voice: Voice) -> None:
        """Many threads or tasks get each their own results.

        If this fails: load the model once, under a lock.
        """
        answers = voice.together(reranker, "rerank", [(QUERY, _candidates())] * 8)
        assert {answer[0].chunk.chunk_id for answer in answers} == {"bees"}
