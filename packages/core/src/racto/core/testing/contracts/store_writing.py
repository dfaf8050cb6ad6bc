"""Laws on what a vector store does when it is written to, emptied and closed."""

from __future__ import annotations

import array
from typing import Any, ClassVar

import pytest

from racto.core.errors import DimensionMismatchError, MissingEmbeddingError, StoreClosedError
from racto.core.protocols.stores import VectorStore

from .contract import Contract
from .samples import ahead, fan, sample, vector_at
from .voices import Voice


class StoreWriting(Contract, subject="store", protocol=VectorStore):
    """Adding, replacing, deleting, clearing and closing.

    Attributes:
        dimension: Length of the vectors that the suite adds; make the store for it.
    """

    dimension: ClassVar[int] = 8

    def test_new_store_is_empty(self, store: VectorStore, voice: Voice) -> None:
        """A new store counts nothing, finds nothing, and lets nothing be deleted.

        If this fails: check that the fixture gives an empty store to each law, and that searching
        before the first ``add`` needs no collection or dimension.
        """
        assert voice(store, "count") == 0
        assert voice(store, "search", ahead(self.dimension)) == []
        voice(store, "delete", ["nothing"])
        voice(store, "clear")
        # A document without text gives no chunks, and must not be an error.
        voice(store, "add", [])
        assert voice(store, "count") == 0

    def test_added_chunks_are_counted(self, store: VectorStore, voice: Voice) -> None:
        """Each chunk is counted once, over several calls of ``add``.

        If this fails: check that ``count`` counts chunks, not calls or pages, and that it sees
        what was added just now.
        """
        chunks = fan(7, self.dimension)
        voice(store, "add", chunks[:4])
        voice(store, "add", chunks[4:])
        assert voice(store, "count") == 7

    def test_known_id_is_replaced(self, store: VectorStore, voice: Voice) -> None:
        """Adding a known id replaces text, vector and metadata and keeps the count.

        If this fails: use the engine's upsert with the chunk's id as the key; a second row under
        the same id or an old text beside a new vector is what goes wrong.
        """
        voice(store, "add", fan(3, self.dimension))
        # The new vector points away: only if the old one is gone does c0 come last.
        new = sample("c0", vector_at(3.0, self.dimension), content="new", extra={"v": 2})
        voice(store, "add", [new])
        assert voice(store, "count") == 3
        last = voice(store, "search", ahead(self.dimension), 3)[-1].chunk
        assert (last.chunk_id, last.content, dict(last.metadata.extra)) == ("c0", "new", {"v": 2})

    def test_last_duplicate_wins(self, store: VectorStore, voice: Voice) -> None:
        """Of two chunks with one id in the same ``add``, the later is stored.

        If this fails: drop earlier duplicates before writing; some engines refuse a batch that
        names a row twice, others keep the first or both.
        """
        # Three of them: keeping the first, the last, or one at random gives different texts.
        twins = [
            sample("same", ahead(self.dimension), content=text) for text in ("old", "older", "new")
        ]
        voice(store, "add", twins)
        assert voice(store, "count") == 1
        found = voice(store, "search", ahead(self.dimension))
        assert [result.chunk.content for result in found] == ["new"]

    def test_deleted_chunks_are_gone(self, store: VectorStore, voice: Voice) -> None:
        """Deleting removes the given ids; unknown and repeated ids do no harm.

        If this fails: check that unknown ids are ignored, not an error that keeps the known ones
        from being deleted, and that ``search`` does not see tombstones.
        """
        voice(store, "add", fan(4, self.dimension))
        # The unknown id stands between known ones, where an early stop leaves c2.
        voice(store, "delete", ["c0", "unknown", "c2", "c0"])
        voice(store, "delete", [])
        assert voice(store, "count") == 2
        found = voice(store, "search", ahead(self.dimension), 4)
        assert [result.chunk.chunk_id for result in found] == ["c1", "c3"]

    def test_deleted_chunk_can_return(self, store: VectorStore, voice: Voice) -> None:
        """A deleted id can be added again.

        If this fails: check that deleting leaves no mark that hides or refuses the id later.
        """
        chunks = fan(2, self.dimension)
        voice(store, "add", chunks)
        voice(store, "delete", ["c0"])
        voice(store, "add", chunks[:1])
        found = voice(store, "search", ahead(self.dimension))
        assert [result.chunk.chunk_id for result in found] == ["c0", "c1"]

    def test_cleared_store_is_usable(self, store: VectorStore, voice: Voice) -> None:
        """Clearing removes everything, and the store takes chunks again.

        If this fails: check that ``clear`` does not drop what ``count`` or ``add`` needs, such as
        the collection itself.
        """
        voice(store, "add", fan(3, self.dimension))
        voice(store, "clear")
        assert voice(store, "count") == 0
        assert voice(store, "search", ahead(self.dimension)) == []
        voice(store, "add", fan(2, self.dimension))
        assert voice(store, "count") == 2

    def test_missing_embedding_stores_nothing(self, store: VectorStore, voice: Voice) -> None:
        """A chunk without a vector is refused together with all that came with it.

        If this fails: check the whole batch before the first write, and raise
        ``MissingEmbeddingError``.
        """
        # The good chunk comes first, so that a store which writes as it goes is caught.
        good, bad = fan(1, self.dimension)[0], sample("bad", None)
        with pytest.raises(MissingEmbeddingError) as caught:
            voice(store, "add", [good, bad])
        assert isinstance(caught.value, ValueError)
        assert voice(store, "count") == 0

    def test_wrong_dimension_stores_nothing(self, store: VectorStore, voice: Voice) -> None:
        """A vector of another length is refused together with all that came with it.

        If this fails: compare every vector with the store's dimension, or with the first vector
        of the batch, before the first write.
        """
        voice(store, "add", fan(2, self.dimension))
        good, bad = fan(4, self.dimension)[3], sample("bad", [1.0] * (self.dimension + 1))
        with pytest.raises(DimensionMismatchError) as caught:
            voice(store, "add", [good, bad])
        assert isinstance(caught.value, ValueError)
        assert (caught.value.expected, caught.value.actual) == (self.dimension, self.dimension + 1)
        assert voice(store, "count") == 2

    def test_first_batch_has_one_dimension(self, store: VectorStore, voice: Voice) -> None:
        """Vectors of two lengths in the very first batch are refused; nothing is stored.

        If this fails: a store that learns its dimension must learn it from the first chunk and
        check the others against it before it writes.
        """
        bad = sample("bad", [1.0] * (self.dimension + 1))
        with pytest.raises(DimensionMismatchError):
            voice(store, "add", [*fan(1, self.dimension), bad])
        assert voice(store, "count") == 0

    @pytest.mark.parametrize("kind", ["list", "tuple", "array", "float32", "float64", "strided"])
    def test_any_sequence_is_a_vector(self, store: VectorStore, voice: Voice, kind: str) -> None:
        """Vectors come as lists, tuples, arrays or numpy rows, in ``add`` and in ``search``.

        If this fails: convert once at the border; a truth test such as ``if embedding`` fails on
        numpy arrays, and a row of a matrix need not be contiguous.
        """
        chunks = [
            chunk.with_embedding(_as(kind, chunk.embedding)) for chunk in fan(3, self.dimension)
        ]
        voice(store, "add", chunks)
        found = voice(store, "search", _as(kind, ahead(self.dimension)), 3)
        assert [result.chunk.chunk_id for result in found] == ["c0", "c1", "c2"]

    def test_callers_chunks_stay_their_own(self, store: VectorStore, voice: Voice) -> None:
        """A store neither changes the chunks it is given nor follows later changes of them.

        If this fails: copy vectors and metadata in ``add``; keeping the caller's list or
        dictionary lets a later change of it corrupt the index.
        """
        extra: dict[str, Any] = {"tags": ["a"], "deep": {"level": 1}}
        vector = ahead(self.dimension)
        chunk = sample("mine", vector, extra=extra)
        mine = chunk.metadata.extra
        voice(store, "add", [chunk, *fan(2, self.dimension)])
        assert mine == {"tags": ["a"], "deep": {"level": 1}}
        assert vector == ahead(self.dimension)
        # Deep, flat and in the vector: each is copied at another place.
        mine["tags"].append("b")
        mine["deep"]["level"] = 2
        mine["late"] = True  # type: ignore[index]
        vector[:] = vector_at(3.0, self.dimension)
        best = voice(store, "search", ahead(self.dimension), 1)[0].chunk
        assert best.chunk_id == "mine"
        assert dict(best.metadata.extra) == {"tags": ["a"], "deep": {"level": 1}}

    def test_closed_store_says_so(self, store: VectorStore, voice: Voice) -> None:
        """Closing twice is fine; every later use raises ``StoreClosedError``.

        If this fails: check for the closed state at the start of every method, in both voices,
        before the engine's own client complains.
        """
        voice(store, "add", fan(2, self.dimension))
        voice(store, "close")
        voice(store, "close")
        # Listed and not introspected: powers are not needed to see that a store is closed.
        uses: list[tuple[Any, ...]] = [
            ("add", fan(1, self.dimension)), ("search", ahead(self.dimension)),
            ("delete", ["c0"]), ("clear",), ("count",),
        ]  # fmt: skip
        for use in uses:
            with pytest.raises(StoreClosedError):
                voice(store, *use)

    def test_many_callers_at_once(self, store: VectorStore, voice: Voice) -> None:
        """Writers and readers in many threads or tasks lose nothing and break nothing.

        If this fails: guard what is shared with a lock, or give each thread its own connection;
        replace an index in one assignment instead of changing it under readers.
        """
        chunks = fan(40, self.dimension)
        # Batches of five from eight callers: enough to overlap, few enough for a slow server.
        voice.together(store, "add", [(chunks[i : i + 5],) for i in range(0, 40, 5)])
        assert voice(store, "count") == 40
        answers = voice.together(store, "search", [(ahead(self.dimension), 3)] * 12)
        ids = [[result.chunk.chunk_id for result in answer] for answer in answers]
        assert ids == [["c0", "c1", "c2"]] * 12
        voice.together(store, "delete", [([f"c{i}"],) for i in range(10)])
        assert voice(store, "count") == 30


def _as(kind: str, vector: Any) -> Any:
    if kind in ("list", "tuple"):
        return list(vector) if kind == "list" else tuple(vector)
    if kind == "array":
        return array.array("f", vector)
    numpy: Any = pytest.importorskip("numpy")
    if kind == "strided":
        return numpy.array([[value, 9.0] for value in vector], dtype="float32")[:, 0]
    return numpy.array(vector, dtype=kind)
