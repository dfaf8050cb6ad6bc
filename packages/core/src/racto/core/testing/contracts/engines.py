"""The contract of retrieval engines: one answer a query, in order, whichever powers they have."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from racto.core.protocols.engines import DecomposeEngine, FuseEngine, ScoreEngine, SearchEngine

from .contract import Contract
from .voices import awaited

_POWERS: dict[type, str] = {
    SearchEngine: "search", ScoreEngine: "score", FuseEngine: "fuse",
    DecomposeEngine: "decompose_query",
}  # fmt: skip


class EngineContract(Contract, subject="engine", powers=tuple(_POWERS)):
    """All laws of a retrieval engine, plain or async, for those powers that it has.

    Give a fixture ``engine``.

    Attributes:
        queries: Two or more questions, for each of which the engine holds several documents.
        passages: Texts to score; the first is the answer to the first query.
    """

    queries: ClassVar[Sequence[str]] = ("how do bees dance", "why does bread rise")
    passages: ClassVar[Sequence[str]] = (
        "Honey bees dance to show where flowers bloom.",
        "Bread rises because yeast makes gas.",
        "Trains run on rails.",
    )

    def test_engine_can_do_something(self, engine: Any) -> None:
        """An engine has at least one of the four powers.

        If this fails: override ``search_batch``, ``score_batch``, ``fuse_batch`` or
        ``decompose_query_batch`` under exactly this name.
        """
        assert any(_can(engine, power) for power in _POWERS)

    def test_search_answers_each_query(self, engine: Any) -> None:
        """One ranking a query: at most ``limit`` documents, best first, finite scores.

        If this fails: sort by score, descending, and keep the order of the queries.
        """
        self.needs_power(engine, SearchEngine)
        found = awaited(engine.search_batch(list(self.queries), 2))
        assert len(found) == len(self.queries)
        for scores in found:
            _check_ranking(scores)
            assert 1 <= len(scores) <= 2
        # Servers flush empty batches when a deadline passes.
        assert awaited(engine.search_batch([])) in ([], ())

    def test_search_limits_each_query(self, engine: Any) -> None:
        """A list of limits gives each query its own, and a batch equals single searches.

        If this fails: accept a number and a list, and let no query's options leak into the next.
        """
        self.needs_power(engine, SearchEngine)
        queries = list(self.queries)
        # Requests of different clients travel in one batch, each with its own limit.
        limits = [1 + i % 2 for i in range(len(queries))]
        unlimited = awaited(engine.search_batch(queries, 100))
        assert all(len(scores) >= 2 for scores in unlimited), "choose queries with more answers"
        batch = awaited(engine.search_batch(queries, limits))
        assert all(len(scores) <= limit for scores, limit in zip(batch, limits, strict=True))
        for query, limit, scores in zip(queries, limits, batch, strict=True):
            alone = awaited(engine.search_batch([query], limit))[0]
            assert list(alone) == list(scores)

    def test_score_keeps_the_order(self, engine: Any) -> None:
        """One score a passage, in passage order, and the answering passage scores best.

        If this fails: scores belong to places; do not sort them.
        """
        self.needs_power(engine, ScoreEngine)
        query, passages = self.queries[0], list(self.passages)
        (scores,) = awaited(engine.score_batch([query], passages))
        assert len(scores) == len(passages)
        assert all(isinstance(score, float) and math.isfinite(score) for score in scores)
        assert max(scores) == scores[0]
        # Turned round: scores that were sorted would pass in the given order.
        (turned,) = awaited(engine.score_batch([query], passages[::-1]))
        assert max(turned) == turned[-1]

    def test_score_splits_passages(self, engine: Any) -> None:
        """``candidate_length`` says how many passages belong to each query, none included.

        If this fails: walk through the passages with a running offset.
        """
        self.needs_power(engine, ScoreEngine)
        first, second = self.queries[:2]
        passages = list(self.passages)
        found = awaited(
            engine.score_batch([first, second, first], [*passages, *passages], [3, 0, 3])
        )
        assert [len(scores) for scores in found] == [3, 0, 3]
        assert list(found[0]) == list(found[2])

    def test_fuse_merges_rankings(self, engine: Any) -> None:
        """A merged ranking holds documents of its own query's rankings alone, best first.

        If this fails: check which rankings belong to which query, and the final sort.
        """
        self.needs_power(engine, FuseEngine)
        # Scales differ between rankings, and one of them found nothing.
        rankings = [
            [{"a": 9.0, "b": 5.0, "c": 1.0}, {"a": 0.9, "c": 0.5}],
            [{"x": 2.0}, {}],
        ]
        found = awaited(engine.fuse_batch(list(self.queries[:2]), rankings))
        assert len(found) == 2
        for scores in found:
            _check_ranking(scores)
        assert set(found[0]) <= {"a", "b", "c"}
        assert next(iter(found[0])) == "a"
        assert set(found[1]) == {"x"}

    def test_decompose_gives_queries(self, engine: Any) -> None:
        """At most ``limit`` sub-queries a query, each some text.

        If this fails: drop empty lines of a model's reply and cut at the limit.
        """
        self.needs_power(engine, DecomposeEngine)
        found = awaited(engine.decompose_query_batch(list(self.queries), 2))
        assert len(found) == len(self.queries)
        for parts in found:
            # At least the query itself: without any part there is nothing to search for.
            assert 1 <= len(parts) <= 2
            assert all(isinstance(part, str) and part.strip() for part in parts)

    def needs_power(self, subject: object, power: type) -> None:
        """Skip the law when the engine lacks the power or only inherits a refusal."""
        if not _can(subject, power):
            pytest.skip(f"{type(subject).__name__} cannot {_POWERS[power]}")


def _can(engine: object, power: type) -> bool:
    name = _POWERS[power]
    # The base class Engine has all four methods and tells here which of them work.
    return bool(getattr(engine, f"can_{name}", hasattr(engine, f"{name}_batch")))


def _check_ranking(scores: Any) -> None:
    values = list(scores.values())
    assert all(isinstance(key, str) for key in scores)
    assert all(isinstance(value, float) and math.isfinite(value) for value in values)
    assert values == sorted(values, reverse=True)
