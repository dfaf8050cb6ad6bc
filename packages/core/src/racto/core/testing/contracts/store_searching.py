"""Laws on what a vector store finds, and that it gives back what it was given."""

from __future__ import annotations

import math
from contextlib import suppress
from itertools import pairwise
from typing import Any, ClassVar

import pytest
from hypothesis import given, strategies as st

from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import DimensionMismatchError
from racto.core.protocols.stores import VectorStore

from .contract import Contract
from .generators import METADATA, examples
from .samples import ahead, fan, same, sample, vector_at
from .voices import Voice

_VALUES: list[Any] = [
    "", "plain", "日本語 👩‍👩‍👧 e\u0301 \u2028", "quote ' \" \\ ; -- $1 %s {x}", "2026-01-31T12:00:00Z",
    0, 1, -7, 2**53 + 1, -(2**63), 0.1, 1.0, -2.5e-8, 1e300, True, False, None,
    [], [1, "two", 3.0, None, True], [[1], [2, [3]]], {}, {"a": {"b": {"c": [1, {"d": None}]}}},
]  # fmt: skip


class StoreSearching(Contract, subject="store", protocol=VectorStore):
    """Order, scores and limits of a search."""

    dimension: ClassVar[int] = 8

    def test_best_comes_first(self, store: VectorStore, voice: Voice) -> None:
        """Results come nearest first, ranks count from 1, and a nearer chunk scores higher.

        If this fails: check the sign of the score (a distance must be turned round), and that
        ranks are given after sorting.
        """
        # Added farthest first: insertion order must not pass for rank order.
        voice(store, "add", list(reversed(fan(6, self.dimension))))
        found: list[RetrievalResult] = voice(store, "search", ahead(self.dimension), 6)
        assert [result.chunk.chunk_id for result in found] == [f"c{i}" for i in range(6)]
        assert [result.rank for result in found] == [1, 2, 3, 4, 5, 6]
        scores = [result.score for result in found]
        assert all(isinstance(score, float) and math.isfinite(score) for score in scores)
        assert all(one > two for one, two in pairwise(scores)), scores

    def test_top_k_limits(self, store: VectorStore, voice: Voice) -> None:
        """At most ``top_k`` results, five by default, and all there are when it asks for more.

        If this fails: check the default and what the engine does when ``top_k`` exceeds the
        count; padding with empty hits is a common answer.
        """
        voice(store, "add", fan(7, self.dimension))
        query = ahead(self.dimension)
        assert len(voice(store, "search", query)) == 5
        assert len(voice(store, "search", query, top_k=2)) == 2
        assert len(voice(store, "search", query, 100)) == 7

    @pytest.mark.parametrize("top_k", [0, -1])
    def test_top_k_below_one_is_refused(self, store: VectorStore, voice: Voice, top_k: int) -> None:
        """``top_k`` below 1 raises ``ValueError``.

        If this fails: check the number before asking the engine, which may return nothing or
        everything instead.
        """
        voice(store, "add", fan(2, self.dimension))
        with pytest.raises(ValueError, match="top_k"):
            voice(store, "search", ahead(self.dimension), top_k)

    def test_query_of_wrong_dimension_is_refused(self, store: VectorStore, voice: Voice) -> None:
        """A query vector of another length raises ``DimensionMismatchError``.

        If this fails: compare the query's length with the store's dimension before searching.
        """
        voice(store, "add", fan(2, self.dimension))
        with pytest.raises(DimensionMismatchError):
            voice(store, "search", [1.0] * (self.dimension + 1))

    def test_searching_changes_nothing(self, store: VectorStore, voice: Voice) -> None:
        """The same search gives the same results, and what callers do to them stays theirs.

        If this fails: hand out a copy of the metadata, or a read-only view, instead of the
        dictionary that the index keeps.
        """
        voice(store, "add", [sample("one", ahead(self.dimension), extra={"deep": {"tags": ["a"]}})])
        first = voice(store, "search", ahead(self.dimension))[0].chunk
        extra: Any = first.metadata.extra
        # A read-only view keeps the law as well as a copy does.
        with suppress(TypeError, AttributeError):
            extra["new"] = 1
        with suppress(TypeError, AttributeError):
            extra["deep"]["tags"].append("b")
        again = voice(store, "search", ahead(self.dimension))[0].chunk
        assert dict(again.metadata.extra) == {"deep": {"tags": ["a"]}}
        assert voice(store, "count") == 1


class StoreRoundTrips(Contract, subject="store", protocol=VectorStore):
    """Text, ids and metadata come back exactly as they went in."""

    dimension: ClassVar[int] = 8

    def test_every_field_returns(self, store: VectorStore, voice: Voice) -> None:
        """Content, ids and all metadata fields come back, with None as None.

        If this fails: compare the record that the engine keeps with ``Chunk.to_dict``; a field
        left out or turned from None into an empty string or 0 is what goes wrong.
        """
        # One chunk with every field set, one with none: both directions of None.
        full = sample(
            "full", ahead(self.dimension), content="Größe: 10 µm", source="a b/ü.pdf", page=3,
            chunk_index=2, total_chunks=9, start_char=100, end_char=112, doc_id="dök",
            section="One > Two", extra={"lang": "de"},
        )  # fmt: skip
        bare = sample("bare", vector_at(1.0, self.dimension), content="", source="", doc_id="")
        found = self._stored(store, voice, [full, bare])
        assert found == [full, bare]

    def test_metadata_keeps_value_and_kind(self, store: VectorStore, voice: Voice) -> None:
        """Whatever JSON can hold comes back with its value and its kind.

        If this fails: keep metadata as JSON text beside the columns that are filtered on;
        engines turn 1.0 into 1, drop None and empty lists, and round large integers.
        """
        chunks = [
            sample(f"c{i}", vector_at(0.1 * i, self.dimension), extra={"value": value})
            for i, value in enumerate(_VALUES)
        ]
        extras = [dict(chunk.metadata.extra) for chunk in self._stored(store, voice, chunks)]
        # All values in one batch: some engines infer a field's type from the first they see.
        pairs = zip(_VALUES, extras, strict=True)
        changed = [(value, extra) for value, extra in pairs if not same(extra, {"value": value})]
        assert changed == []

    def test_huge_integers_are_exact(self, store: VectorStore, voice: Voice) -> None:
        """Integers beyond 64 bits come back exactly.

        If this fails: such numbers must travel as text, for example inside JSON.
        """
        chunk = sample("one", ahead(self.dimension), extra={"value": 10**30 + 1})
        assert same(self._stored(store, voice, [chunk])[0].metadata.extra["value"], 10**30 + 1)

    def test_any_metadata_returns(self, store: VectorStore, voice: Voice) -> None:
        """Generated metadata, keys included, comes back as it was.

        If this fails: look at the falsifying example; keys with dots, dollars, quotes or names of
        the engine's own fields must be kept apart from those fields.
        """

        @examples(self.max_examples)
        @given(extra=METADATA)
        def holds(extra: dict[str, Any]) -> None:
            stored = self._stored(store, voice, [sample("one", ahead(self.dimension), extra=extra)])
            assert same(stored[0].metadata.extra, extra)

        holds()

    def test_nul_characters_are_kept(self, store: VectorStore, voice: Voice) -> None:
        """Text and metadata with NUL characters, as some PDFs give, come back whole.

        If this fails: the engine cannot store NUL; escape it on the way in and out.
        """
        chunk = sample("one", ahead(self.dimension), content="a\x00b", extra={"k": "c\x00d"})
        assert self._stored(store, voice, [chunk]) == [chunk]

    def test_text_is_kept_whole(self, store: VectorStore, voice: Voice) -> None:
        """A text of one million characters comes back whole.

        If this fails: check the engine's limit on a field; a text that does not fit must be split
        over fields or kept elsewhere, never cut.
        """
        # The multi-byte characters matter: some limits count bytes and cut in mid-character.
        text = ("0123456789 äöü 日本語\n" * 53_000)[:1_000_000]
        found = self._stored(store, voice, [sample("one", ahead(self.dimension), content=text)])
        assert len(found[0].content) == 1_000_000
        assert found[0].content == text, "the text has the right length and other characters"

    def test_ids_are_opaque(self, store: VectorStore, voice: Voice) -> None:
        """Any string is a chunk id: it comes back as it was, and deletes just its own chunk.

        If this fails: derive the engine's key from the id (a UUID5, for example) and keep the id
        itself beside it; never put it into a query by string formatting.
        """
        ids = [
            "a b",
            "x' OR '1'='1",
            'say "hi"',
            "a/b#c?d",
            "ünï",
            "*",
            "%",
            "doc:0-100",
            "1" * 300,
        ]
        chunks = [
            sample(chunk_id, vector_at(0.2 * i, self.dimension)) for i, chunk_id in enumerate(ids)
        ]
        stored = self._stored(store, voice, chunks)
        assert [chunk.chunk_id for chunk in stored] == ids
        for gone, chunk_id in enumerate(ids, start=1):
            voice(store, "delete", [chunk_id])
            assert voice(store, "count") == len(ids) - gone

    def test_exact_match_is_found_first(self, store: VectorStore, voice: Voice) -> None:
        """A chunk whose vector points exactly where the query does is found first.

        If this fails: check that vectors are normalised, or the metric chosen, the same way in
        ``add`` and in ``search``.
        """

        @examples(min(self.max_examples, 20))
        @given(order=st.permutations(range(5)), asked=st.integers(0, 4))
        def holds(order: list[int], asked: int) -> None:
            chunks = fan(5, self.dimension)
            self._stored(store, voice, [chunks[i] for i in order])
            query = chunks[asked].embedding
            assert voice(store, "search", query, 1)[0].chunk.chunk_id == f"c{asked}"

        holds()

    def _stored(self, store: VectorStore, voice: Voice, chunks: list[Chunk]) -> list[Chunk]:
        voice(store, "clear")
        voice(store, "add", chunks)
        found = voice(store, "search", ahead(self.dimension), len(chunks))
        return [result.chunk for result in found]
