"""Laws on metadata filters: every store means by them what racto.core.filters says."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from hypothesis import example, given, strategies as st

from racto.core.documents import Chunk
from racto.core.errors import FilterError
from racto.core.protocols.stores import VectorStore

from .contract import Contract
from .generators import FACTS, FILTERS, examples
from .samples import ahead, fan, sample, satisfying, vector_at
from .voices import Voice

# Kinds that engines confuse stand under one key: 1, 2.0, "2", True, None, absent.
_FACTS: list[dict[str, Any]] = [
    {"lang": "en", "level": 1}, {"lang": "de", "level": 2.0}, {"lang": None, "level": "2"},
    {"level": True, "tags": ["a", "b"]}, {"tags": [], "lang": ""}, {"tags": ["b", 2], "level": -1},
    {"deep": {"level": 3}}, {"deep": {"level": None}}, {"deep.level": 3}, {},
]  # fmt: skip

# Each operator at least once, with the values on both sides of every border.
_FILTERS: list[dict[str, Any]] = [
    {"lang": "en"}, {"lang": {"$eq": "de"}}, {"lang": {"$ne": "en"}}, {"lang": None},
    {"level": {"$gt": 1}}, {"level": {"$gte": 1}}, {"level": {"$lt": 2}}, {"level": {"$lte": 2}},
    {"level": 2}, {"level": "2"}, {"level": True}, {"level": 1}, {"level": {"$gt": "1"}},
    {"lang": {"$in": ["en", "de"]}}, {"lang": {"$nin": ["en", None]}}, {"lang": {"$in": []}},
    {"lang": {"$exists": True}}, {"lang": {"$exists": False}}, {"lang": {"$nin": []}},
    {"tags": "b"}, {"tags": ["a", "b"]}, {"tags": {"$ne": "b"}}, {"tags": {"$gt": 1}}, {"tags": []},
    {"deep.level": 3}, {"deep.level": {"$exists": True}}, {"deep.level": None},
    {"$and": [{"lang": "en"}, {"level": 1}]}, {"$or": [{"lang": "en"}, {"tags": "a"}]},
    {"$not": {"lang": "en"}}, {"level": {"$not": {"$gt": 1}}}, {"level": {"$gte": 1, "$lt": 2}},
    {"lang": "de", "level": 2}, {"$not": {"$or": [{"lang": "en"}, {"tags": {"$exists": True}}]}},
]  # fmt: skip

_MALFORMED: list[dict[str, Any]] = [
    {"lang": {"$like": "e%"}}, {"$nor": [{"lang": "en"}]}, {"lang": {}}, {"$and": []},
    {"lang": {"$in": "en"}}, {"": 1}, {"lang": {"$exists": 1}}, {"$not": {}},
]  # fmt: skip

_HOSTILE = ["x' OR '1'='1", "a') OR 1=1 --", 'a" or true', "a\\", "}", "%", "a.b", "a$where"]


class StoreFiltering(Contract, subject="store", protocol=VectorStore):
    """Filters in ``search``, compared with the reference evaluator."""

    dimension: ClassVar[int] = 8

    def test_filter_comes_before_top_k(self, store: VectorStore, voice: Voice) -> None:
        """The nearest are chosen among the chunks that satisfy the filter.

        If this fails: filter inside the engine, or over-fetch until enough are found; filtering
        the nearest afterwards loses matches that are further away.
        """
        # Forty near misses: more than the usual over-fetch of a store that filters late.
        near = fan(60, self.dimension, extra={"wanted": False})[:40]
        far = [
            # Less than three eighths of a turn: beyond it the sum of differences falls again.
            sample(f"far{i}", vector_at(1.9 + 0.1 * i, self.dimension), extra={"wanted": True})
            for i in range(3)
        ]
        voice(store, "add", [*near, *far])
        found = voice(store, "search", ahead(self.dimension), 3, {"wanted": True})
        assert [result.chunk.chunk_id for result in found] == ["far0", "far1", "far2"]
        assert [result.rank for result in found] == [1, 2, 3]

    @pytest.mark.parametrize("filters", [None, {}])
    def test_empty_filter_lets_all_through(
        self, store: VectorStore, voice: Voice, filters: dict[str, Any] | None
    ) -> None:
        """No filter and an empty one are the same.

        If this fails: check that an empty mapping is not translated into a condition.
        """
        voice(store, "add", fan(4, self.dimension))
        assert len(voice(store, "search", ahead(self.dimension), 10, filters)) == 4

    def test_operators_mean_the_same(self, store: VectorStore, voice: Voice) -> None:
        """Each operator finds exactly what the reference evaluator lets through.

        If this fails: compare the engine's meaning of this operator with the rules at the top of
        ``racto.core.filters``: absent keys, None, booleans beside numbers, and lists.
        """
        # One corpus for all filters, because adding is what costs time on a real server.
        chunks = _corpus(self.dimension, _FACTS)
        assert _disagreements(store, voice, chunks, _FILTERS) == []

    def test_fields_can_be_filtered(self, store: VectorStore, voice: Voice) -> None:
        """The fields of ``ChunkMetadata`` are keys too; a page that is None is absent.

        If this fails: translate field names to where the engine keeps them, and leave fields that
        are None out of the record.
        """
        # Two sources over four pages, so that no two fields select the same chunks.
        pages: list[int | None] = [None, 1, 2, 3]
        chunks = [
            sample(
                f"c{i}", vector_at(0.3 * i, self.dimension), source=f"{i % 2}.pdf", page=page,
                doc_id=f"d{i}", chunk_index=i, section="Intro" if i else None,
            )
            for i, page in enumerate(pages)
        ]  # fmt: skip
        cases: list[dict[str, Any]] = [
            {"page": {"$gte": 2}}, {"page": {"$exists": False}}, {"page": None},
            {"page": {"$ne": 1}}, {"source": "1.pdf"}, {"doc_id": {"$in": ["d0", "d3"]}},
            {"section": "Intro"}, {"chunk_index": {"$lt": 2}, "source": "0.pdf"},
        ]  # fmt: skip
        assert _disagreements(store, voice, chunks, cases) == []

    def test_generated_filters_mean_the_same(self, store: VectorStore, voice: Voice) -> None:
        """Generated filters over generated metadata find what the reference evaluator finds.

        If this fails: the falsifying example is a smallest one; evaluate its filter by hand with
        ``racto.core.filters.matches`` and look for the first chunk that differs.
        """

        @examples(self.max_examples)
        @given(
            facts=st.lists(FACTS, min_size=4, max_size=10),
            page=st.sampled_from([None, 1, 3]),
            cases=st.lists(FILTERS, min_size=4, max_size=8),
            top_k=st.integers(1, 10),
        )
        @example(facts=_FACTS, page=None, cases=_FILTERS, top_k=10)
        def holds(
            facts: list[dict[str, Any]], page: int | None, cases: list[dict[str, Any]], top_k: int
        ) -> None:
            chunks = _corpus(self.dimension, facts, page)
            assert _disagreements(store, voice, chunks, cases, top_k) == []

        holds()

    def test_malformed_filter_is_refused(self, store: VectorStore, voice: Voice) -> None:
        """A filter outside the grammar raises ``FilterError``; it never lets everything through.

        If this fails: call ``racto.core.filters.parse_filter`` before anything else.
        """
        voice(store, "add", fan(2, self.dimension))
        for filters in _MALFORMED:
            with pytest.raises(FilterError):
                voice(store, "search", ahead(self.dimension), 5, filters)

    def test_keys_and_values_are_data(self, store: VectorStore, voice: Voice) -> None:
        """No key and no value is read as a part of the engine's query language.

        If this fails: pass keys and values as parameters; where the engine takes no parameters
        for keys, quote them by its own rules.
        """
        facts = [{"lang": "en"}, *({"lang": text} for text in _HOSTILE)]
        facts += [{text: "en"} for text in _HOSTILE]
        cases: list[dict[str, Any]] = [{"lang": text} for text in _HOSTILE]
        # Each text once as a value and once as a key: they take different ways into a query.
        for text in _HOSTILE:
            cases += [{text: "en"}, {text: text}, {text: {"$exists": True}}]
        assert _disagreements(store, voice, _corpus(self.dimension, facts), cases) == []


def _corpus(dimension: int, facts: list[dict[str, Any]], page: int | None = None) -> list[Chunk]:
    step = 3.0 / max(len(facts), 12)
    return [
        sample(f"c{i}", vector_at(step * i, dimension), extra=extra, page=page if i % 2 else None)
        for i, extra in enumerate(facts)
    ]


def _disagreements(
    store: VectorStore,
    voice: Voice,
    chunks: list[Chunk],
    cases: list[dict[str, Any]],
    top_k: int = 100,
) -> list[dict[str, Any]]:
    """Every filter for which the store finds other chunks than the reference evaluator."""
    dimension = len(chunks[0].embedding or ())
    voice(store, "clear")
    voice(store, "add", chunks)
    wrong = []
    for filters in cases:
        hits = voice(store, "search", ahead(dimension), top_k, filters)
        found = [result.chunk.chunk_id for result in hits]
        wanted = satisfying(chunks, filters)[:top_k]
        if found != wanted:
            wrong.append({"filter": filters, "found": found, "wanted": wanted})
    return wrong
