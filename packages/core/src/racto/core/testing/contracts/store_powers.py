"""Laws on the optional powers of a vector store, skipped where a power is absent."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from racto.core.errors import DimensionMismatchError, FilterError, StoreError
from racto.core.protocols.stores import (
    BatchSearch,
    ChunkLookup,
    ChunkScan,
    Collection,
    FilterDelete,
    VectorStore,
)

from .contract import Contract
from .samples import ahead, fan, near, sample, vector_at
from .voices import Voice

POWERS = (BatchSearch, ChunkLookup, ChunkScan, Collection, FilterDelete)


class StorePowers(Contract, subject="store", protocol=VectorStore, powers=POWERS):
    """Batches, deletion by filter, lookup, scan, and the collection itself.

    Attributes:
        dimension: Length of the vectors that the suite adds.
        tolerance: How far a value may come back from what was stored; more for a store that
            keeps fewer digits.
    """

    dimension: ClassVar[int] = 8
    tolerance: ClassVar[float] = 1e-4

    def test_batch_equals_single_searches(self, store: VectorStore, voice: Voice) -> None:
        """A batch gives each query what a search of its own would give it.

        If this fails: check that ``top_k`` and filters reach the batch, and that results are
        assigned to their own rows.
        """
        self.needs_power(store, BatchSearch)
        voice(store, "add", fan(9, self.dimension, extra={"even": True})[::2])
        voice(store, "add", fan(9, self.dimension, extra={"even": False})[1::2])
        # Not in the order of their answers, so that sorted rows are noticed.
        queries = [vector_at(angle, self.dimension) for angle in (0.0, 2.5, 1.25)]
        for filters in (None, {"even": True}):
            batch = voice(store, "search_batch", queries, 3, filters)
            single = [voice(store, "search", query, 3, filters) for query in queries]
            assert [_ids(found) for found in batch] == [_ids(found) for found in single]
            assert [[r.rank for r in found] for found in batch] == [[1, 2, 3]] * 3

    def test_batch_at_its_limits(self, store: VectorStore, voice: Voice) -> None:
        """No queries give no results; on an empty store each query finds nothing.

        If this fails: handle a matrix of no rows, and a store of no chunks, before the engine
        sees them; check ``top_k`` and the dimension as ``search`` does.
        """
        self.needs_power(store, BatchSearch)
        query = ahead(self.dimension)
        assert voice(store, "search_batch", [query, query]) == [[], []]
        voice(store, "add", fan(3, self.dimension))
        assert voice(store, "search_batch", []) == []
        with pytest.raises(ValueError, match="top_k"):
            voice(store, "search_batch", [query], 0)
        with pytest.raises(DimensionMismatchError):
            voice(store, "search_batch", [[1.0] * (self.dimension + 1)])

    def test_delete_where_takes_what_matches(self, store: VectorStore, voice: Voice) -> None:
        """Deleting by filter removes what the filter lets through and says how many.

        If this fails: check that the filter means the same as in ``search``, and that the number
        is counted, not the engine's estimate.
        """
        self.needs_power(store, FilterDelete)
        chunks = [
            sample(f"c{i}", vector_at(0.3 * i, self.dimension), doc_id=f"d{i % 2}", source="a.md")
            for i in range(5)
        ]
        voice(store, "add", chunks)
        assert voice(store, "delete_where", {"doc_id": "d0"}) == 3
        # Re-ingestion deletes what may not be there yet.
        assert voice(store, "delete_where", {"doc_id": "d0"}) == 0
        assert _ids(voice(store, "search", ahead(self.dimension))) == ["c1", "c3"]
        assert voice(store, "count") == 2

    @pytest.mark.parametrize("filters", [{}, {"lang": {"$like": "x"}}], ids=str)
    def test_delete_where_needs_a_filter(
        self, store: VectorStore, voice: Voice, filters: dict[str, Any]
    ) -> None:
        """An empty or malformed filter raises ``FilterError`` and deletes nothing.

        If this fails: refuse filters that parse to None; they would empty the store.
        """
        self.needs_power(store, FilterDelete)
        voice(store, "add", fan(2, self.dimension))
        with pytest.raises(FilterError):
            voice(store, "delete_where", filters)
        assert voice(store, "count") == 2

    def test_lookup_keeps_the_order_of_ids(self, store: VectorStore, voice: Voice) -> None:
        """Chunks come in the order of the ids, whole and with their vectors; unknown ids as None.

        If this fails: engines answer in their own order and leave unknown ids out; put the
        answers into the order asked for, and ask for the vectors.
        """
        self.needs_power(store, ChunkLookup)
        chunks = fan(4, self.dimension, extra={"lang": "en"})
        voice(store, "add", chunks)
        found = voice(store, "get", ["c2", "unknown", "c0", "c2"])
        assert [chunk and chunk.chunk_id for chunk in found] == ["c2", None, "c0", "c2"]
        assert found[0] == chunks[2]
        # Compared by direction only: a cosine store may keep vectors at unit length, as these are.
        assert near(found[0].embedding, chunks[2].embedding or [], self.tolerance)
        assert voice(store, "get", []) == []

    def test_scan_meets_each_chunk_once(self, store: VectorStore, voice: Voice) -> None:
        """All chunks come exactly once, whole and with vectors, in pages of the size asked for.

        If this fails: check the cursor between pages, and that vectors are asked for.
        """
        self.needs_power(store, ChunkScan)
        assert [chunk for page in voice.iterate(store, "scan") for chunk in page] == []
        chunks = {chunk.chunk_id: chunk for chunk in fan(11, self.dimension)}
        voice(store, "add", list(chunks.values()))
        # Eleven in fours: the last page is a short one.
        pages = list(voice.iterate(store, "scan", 4))
        assert all(1 <= len(page) <= 4 for page in pages), [len(page) for page in pages]
        found = [chunk for page in pages for chunk in page]
        assert sorted(chunk.chunk_id for chunk in found) == sorted(chunks)
        for chunk in found:
            wanted = chunks[chunk.chunk_id]
            assert chunk == wanted
            assert near(chunk.embedding, wanted.embedding or [], self.tolerance)

    def test_scan_keeps_to_its_filter(self, store: VectorStore, voice: Voice) -> None:
        """With a filter the scan meets the chunks that satisfy it; a malformed one is refused.

        If this fails: hand the filter to the engine's cursor, with the meaning it has in
        ``search``; an empty filter lets everything through.
        """
        self.needs_power(store, ChunkScan)
        chunks = [
            sample(f"c{i}", vector_at(0.2 * i, self.dimension), doc_id=f"d{i % 2}", chunk_index=i)
            for i in range(8)
        ]
        voice(store, "add", chunks)
        # What a window of neighbours asks for.
        filters = {"doc_id": "d1", "chunk_index": {"$gte": 3, "$lte": 6}}
        for asked, expected in ((filters, {"c3", "c5"}), ({}, {f"c{i}" for i in range(8)})):
            pages = list(voice.iterate(store, "scan", 1, asked))
            assert sorted(chunk.chunk_id for page in pages for chunk in page) == sorted(expected)
        with pytest.raises(FilterError):
            list(voice.iterate(store, "scan", 1, {"doc_id": {"$like": "d"}}))

    def test_scan_can_be_left_early(self, store: VectorStore, voice: Voice) -> None:
        """A scan that is abandoned holds nothing up.

        If this fails: release the cursor or lock when the iterator is closed.
        """
        self.needs_power(store, ChunkScan)
        voice(store, "add", fan(6, self.dimension))
        pages = voice.iterate(store, "scan", 2)
        assert len(next(pages)) == 2
        # As a caller does who breaks out of the loop.
        del pages
        voice(store, "delete", ["c0"])
        assert voice(store, "count") == 5

    def test_collection_is_made_and_dropped(self, store: VectorStore, voice: Voice) -> None:
        """Creating and dropping say what is there; doing either twice is fine.

        If this fails: check for the collection first, and treat "not found" on drop as done.
        """
        self.needs_power(store, Collection)
        voice(store, "create", self.dimension)
        voice(store, "create", self.dimension)
        assert voice(store, "exists") is True
        voice(store, "add", fan(2, self.dimension))
        voice(store, "drop")
        voice(store, "drop")
        assert voice(store, "exists") is False
        voice(store, "create", self.dimension)
        assert voice(store, "exists") is True
        assert voice(store, "count") == 0

    def test_collection_keeps_its_dimension(self, store: VectorStore, voice: Voice) -> None:
        """Creating it again with another length is an error and leaves the chunks alone.

        If this fails: read the collection's dimension back and compare, instead of recreating it.
        """
        self.needs_power(store, Collection)
        voice(store, "create", self.dimension)
        voice(store, "add", fan(2, self.dimension))
        with pytest.raises(StoreError):
            voice(store, "create", self.dimension + 1)
        assert voice(store, "count") == 2


def _ids(found: list[Any]) -> list[str]:
    return [result.chunk.chunk_id for result in found]
