"""The store: chunks by id around a Faiss index, with everything a vector store may offer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from os import PathLike
from threading import Lock
from typing import Any

from racto.core.documents import Chunk, RetrievalResult
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    FilterError,
    PartialWriteError,
    StoreClosedError,
    StoreError,
)
from racto.core.filters import parse_filter
from racto.core.flows import threaded
from racto.core.vectors import Matrix, Vector

from .contents import Contents
from .kinds import IndexKind, kind_of
from .records import Records
from .turns import Turns
from .vectors import queries_of, rows_of

# So many rows are stored between two chances for readers.
_STRIDE = 512


class FAISSStore:
    """Keeps chunks in this process and finds the nearest by a Faiss index.

    Any number of threads and tasks may search while others write. ``flat`` indexes are exact;
    ``hnsw`` and ``ivf`` find most of the nearest in a fraction of the time, and are exact too
    where a filter leaves few chunks.

    The reference's ``flat_ip`` ranks by the plain product of vectors, filters after the nearest
    were chosen, and loads pickles. Here ``ip`` is the cosine, as the reference documents it
    (``dot`` is the plain product), filters come first, and files hold no code.

    Args:
        dimension: Length of the vectors; learned from the first chunk unless given.
        index_type: ``flat``, ``hnsw`` or ``ivf``, then ``_ip`` (cosine), ``_dot`` or ``_l2``
            (whose score is the distance with its sign turned).
        m: Neighbours a chunk has in the graph of ``hnsw``.
        ef_construction: Candidates looked at while a chunk is put into the graph.
        ef_search: Candidates looked at by a search in the graph.
        nlist: Lists of ``ivf``; it is exact until there are 39 chunks a list to learn from.
        nprobe: Lists that a search looks into.

    Raises:
        ConfigurationError: If the index type is unknown or a number is out of its range.
    """

    def __init__(
        self,
        dimension: int | None = None,
        index_type: str = "flat_ip",
        *,
        m: int = 32,
        ef_construction: int = 80,
        ef_search: int = 64,
        nlist: int = 100,
        nprobe: int = 10,
    ) -> None:
        self._kind = kind_of(
            index_type,
            m=m,
            ef_construction=ef_construction,
            ef_search=ef_search,
            nlist=nlist,
            nprobe=nprobe,
        )
        self._given = None if dimension is None else _checked_dimension(dimension)
        self._turns = Turns()
        # Held by whoever changes the store, from the check to the last row.
        self._changing = Lock()
        self._contents: Contents | None = Contents(self._kind, self._given)

    def __repr__(self) -> str:
        held = self._contents
        size = "closed" if held is None else f"{held.count} chunks"
        return f"FAISSStore({self._kind.name!r}, {size})"

    @property
    def kind(self) -> IndexKind:
        """Structure, metric and settings of the index."""
        return self._kind

    @property
    def dimension(self) -> int | None:
        """Length of the vectors; None before it is known."""
        return self._open().dimension

    def add(self, chunks: Sequence[Chunk]) -> None:
        """Store chunks; one whose id is known replaces the old one.

        Readers have their turn between parts of 512 chunks, and see those that are stored.

        Args:
            chunks: Chunks with embeddings of one length. Vectors and metadata are copied.

        Raises:
            MissingEmbeddingError: If a chunk has no vector; nothing is stored.
            DimensionMismatchError: If a vector has another length; nothing is stored.
            InvalidEmbeddingError: If one holds NaN or infinity; nothing is stored.
            PartialWriteError: If memory ran out half-way; says what is stored.
            StoreClosedError: If the store was closed.
        """
        self._open()
        # Of several chunks with one id the last counts.
        by_id = dict(zip([chunk.chunk_id for chunk in chunks], chunks, strict=True))
        wanted = list(by_id.values())
        if not wanted:
            return
        with self._changing:
            rows, lengths = rows_of(wanted, self._length())
            records = Records.of(wanted, list(by_id))
            for at in range(0, len(wanted), _STRIDE):
                part = records.part(at, at + _STRIDE)
                with self._turns.writing():
                    try:
                        to = at + _STRIDE
                        self._open().put(part, rows[at:to], lengths[at:to])
                    except StoreError as error:
                        raise _halfway(records.ids, at, error) from error
            self._compact()

    def search(
        self, embedding: Vector, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[RetrievalResult]:
        """Find the nearest chunks among those that satisfy the filter.

        Args:
            embedding: Query vector of shape (d,).
            top_k: Most results, at least 1.
            filters: Metadata filter, applied before the nearest are chosen.

        Returns:
            At most ``top_k`` results with their vectors, ranks from 1, a higher score being
            nearer: the cosine, the product, or minus the distance.

        Raises:
            ConfigurationError: If ``top_k`` is below 1.
            FilterError: If the filter is malformed.
            DimensionMismatchError: If the query has another length.
            InvalidEmbeddingError: If it holds NaN or infinity.
            StoreClosedError: If the store was closed.
        """
        return self.search_batch([embedding], top_k, filters)[0]

    def search_batch(
        self, embeddings: Matrix, top_k: int = 5, filters: Mapping[str, Any] | None = None
    ) -> list[list[RetrievalResult]]:
        """Search for each row of ``embeddings``; faster than one search after the other.

        Args:
            embeddings: Query vectors of shape (n, d).
            top_k: Most results a query, at least 1.
            filters: Metadata filter for all of them.

        Returns:
            What :meth:`search` would return, in the order of the queries.

        Raises:
            ConfigurationError: If ``top_k`` is below 1.
            FilterError: If the filter is malformed.
            DimensionMismatchError: If a query has another length.
            InvalidEmbeddingError: If one holds NaN or infinity.
            StoreClosedError: If the store was closed.
        """
        self._open()
        if top_k < 1:
            raise ConfigurationError(f"top_k must be at least 1, not {top_k}")
        tree = parse_filter(filters)
        with self._turns.reading():
            queries = queries_of(embeddings, self._length())
            return self._open().nearest(queries, top_k, tree)

    def delete(self, chunk_ids: Sequence[str]) -> None:
        """Remove chunks; ids that are not there are ignored.

        The row is marked, which takes microseconds. Once a quarter of the rows is gone their
        memory is given back; a graph is then built anew.
        """
        self._open()
        with self._changing:
            with self._turns.writing():
                self._open().remove(chunk_ids)
            self._compact()

    def delete_where(self, filters: Mapping[str, Any]) -> int:
        """Remove all chunks that satisfy the filter and return how many there were.

        Raises:
            FilterError: If the filter is empty or malformed; nothing is removed.
        """
        tree = parse_filter(filters)
        if tree is None:
            raise FilterError("delete_where needs a filter; use clear() to remove everything")
        with self._changing:
            with self._turns.writing():
                contents = self._open()
                gone = contents.ids(tree)
                contents.remove(gone)
            self._compact()
        return len(gone)

    def get(self, chunk_ids: Sequence[str]) -> list[Chunk | None]:
        """The chunks in the order of the ids, with their vectors; None for unknown ids.

        Under ``ip`` vectors are kept at length 1 beside their length; what comes back equals
        what was given but for rounding.
        """
        with self._turns.reading():
            return self._open().lookup(chunk_ids)

    def scan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> Iterator[list[Chunk]]:
        """All chunks that satisfy the filter, with their vectors, in pages.

        Args:
            page_size: Most chunks a page, at least 1.
            filters: Metadata filter; None or an empty one takes all.

        Returns:
            Pages of the chunks that were there when ``scan`` was called. What is removed before
            its page comes is left out; what is replaced comes as it is then.

        Raises:
            ConfigurationError: If ``page_size`` is below 1, or the filter is malformed.
        """
        self._open()
        if page_size < 1:
            raise ConfigurationError(f"page_size must be at least 1, not {page_size}")
        tree = parse_filter(filters)
        with self._turns.reading():
            ids = self._open().ids(tree)
        return self._pages(ids, page_size)

    async def ascan(
        self, page_size: int = 1000, filters: Mapping[str, Any] | None = None
    ) -> AsyncIterator[list[Chunk]]:
        """Async twin of :meth:`scan`."""
        import asyncio

        pages = await asyncio.to_thread(self.scan, page_size, filters)
        while page := await asyncio.to_thread(next, pages, None):
            yield page

    def clear(self) -> None:
        """Remove all chunks and give their memory back; the dimension stays."""
        with self._changing, self._turns.writing():
            self._contents = Contents(self._kind, self._open().dimension)

    def count(self) -> int:
        """How many chunks are stored."""
        return self._open().count

    def close(self) -> None:
        """Forget everything; calling it twice is fine, using the store after is not."""
        with self._changing, self._turns.writing():
            self._contents = None

    def exists(self) -> bool:
        """Whether the collection is there: created, or made by the first chunk."""
        return self._open().dimension is not None

    def create(self, dimension: int) -> None:
        """Fix the length of the vectors; fine if it is that already.

        Raises:
            DimensionMismatchError: If the store keeps vectors of another length.
            ConfigurationError: If the dimension is below 1.
        """
        wanted = _checked_dimension(dimension)
        with self._changing, self._turns.writing():
            have = self._length() or wanted
            if have != wanted:
                raise DimensionMismatchError(
                    f"cannot create the collection for vectors of {wanted}: the store is for "
                    f"vectors of {have}",
                    expected=have,
                    actual=wanted,
                )
            if self._open().dimension is None:
                self._contents = Contents(self._kind, wanted)

    def drop(self) -> None:
        """Remove all chunks and forget the dimension that was learned from them."""
        with self._changing, self._turns.writing():
            self._open()
            self._contents = Contents(self._kind, None)

    def save(self, path: str | PathLike[str]) -> None:
        """Write everything into one file, in place of what is there.

        The file appears whole or not at all. It is a zip archive with checksums
        (:mod:`racto.stores.faiss.archive`): the index as Faiss writes it, chunks as JSON lines.
        What was deleted is not in it. The reference writes ``path.index`` and ``path.chunks``,
        a pickle; here it is one file, named as given.

        Raises:
            IndexLockedError: If somebody else is saving to the same file.
            StoreError: If metadata holds what JSON and dates cannot express.
            OSError: If the file cannot be written; the old one stays.
        """
        from . import archive

        # Rows that were removed must not be found in the file.
        with self._changing:
            self._compact(fewest=1)
            with self._turns.reading():
                archive.write(path, self._open())

    def load(self, path: str | PathLike[str]) -> None:
        """Put the chunks of a saved file in place of those in the store.

        Sizes, checksums, counts and the dimension are compared before Faiss reads the index, and
        the numbers of its graph or lists before anything is searched.

        Raises:
            IndexCorruptError: If the file is damaged, of another version, or no saved store; the
                store keeps what it had.
            ConfigurationError: If it was saved with another index type or other settings.
            DimensionMismatchError: If its vectors have another length than the store was made for.
            FileNotFoundError: If there is no file.
        """
        from . import archive

        self._open()
        fresh = archive.read(path, self._kind, self._given)
        with self._changing, self._turns.writing():
            self._open()
            self._contents = fresh

    aadd = threaded(add)
    asearch = threaded(search)
    asearch_batch = threaded(search_batch)
    adelete = threaded(delete)
    adelete_where = threaded(delete_where)
    aget = threaded(get)
    aclear = threaded(clear)
    acount = threaded(count)
    aclose = threaded(close)
    aexists = threaded(exists)
    acreate = threaded(create)
    adrop = threaded(drop)
    asave = threaded(save)
    aload = threaded(load)

    def _open(self) -> Contents:
        contents = self._contents
        if contents is None:
            raise StoreClosedError("this FAISSStore was closed; make a new one")
        return contents

    def _length(self) -> int | None:
        return self._open().dimension or self._given

    def _pages(self, ids: Sequence[str], size: int) -> Iterator[list[Chunk]]:
        for at in range(0, len(ids), size):
            page = [chunk for chunk in self.get(ids[at : at + size]) if chunk is not None]
            if page:
                yield page

    def _compact(self, fewest: int = 1024) -> None:
        contents = self._open()
        removed = contents.removed
        if not removed or (fewest > 1 and removed < max(fewest, contents.size // 4)):
            return
        if self._kind.structure == "flat":
            with self._turns.writing():
                contents.squeeze()
            return
        # Readers go on in the old graph while the new one is built.
        fresh = contents.compacted()
        with self._turns.writing():
            self._contents = fresh


def _checked_dimension(given: int) -> int:
    if given < 1:
        raise ConfigurationError(f"dimension must be at least 1, not {given}")
    return given


def _halfway(ids: Sequence[str], stored: int, error: StoreError) -> PartialWriteError:
    return PartialWriteError(
        f"{stored} of {len(ids)} chunks are stored, the others not: {error}",
        stored=ids[:stored],
        failed=dict.fromkeys(ids[stored:], str(error)),
    )
