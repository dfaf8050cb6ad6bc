"""Everything of a chunk but its vector, in columns: some 250 bytes a chunk beside its text.

Chunks of one page and section share most of their metadata, which is kept once. Records are
append-only: what a reader has seen is never changed under it.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import StoreError

from .vectors import Floats

NUMBERS = ("chunk_index", "start_char", "end_char")
"""The metadata fields that differ from chunk to chunk, and are kept as 64-bit integers."""

_PLAIN = (str, int, float, bool, type(None))


class Origin(NamedTuple):
    """What neighbouring chunks have in common.

    Attributes:
        chunk_doc_id: ``Chunk.doc_id``.
        source: As in ``ChunkMetadata``, like all that follows.
        page: 1-based page.
        total_chunks: How many chunks the document has.
        doc_id: Id of the document.
        section: Headings above.
        extra: Free facts; the store's own copy.
    """

    chunk_doc_id: str
    source: str
    page: int | None
    total_chunks: int
    doc_id: str
    section: str | None
    extra: Mapping[str, Any]


class Records:
    """Columns of chunks, one entry a row.

    Attributes:
        ids: Chunk ids.
        contents: Texts.
        origins: What chunks share; :meth:`origin_numbers` says which row has which.
    """

    __slots__ = ("_numbers", "_origin_of", "contents", "ids", "origins")

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.contents: list[str] = []
        self.origins: list[Origin] = []
        self._origin_of = array("i")
        self._numbers = {field: array("q") for field in NUMBERS}

    @classmethod
    def of(cls, chunks: Sequence[Chunk]) -> Records:
        """The records of chunks; nothing in them is shared with the caller but strings.

        Raises:
            StoreError: If a position in the metadata is no 64-bit integer.
        """
        records = cls()
        known: dict[tuple[Any, ...], int] = {}
        for chunk in chunks:
            metadata = chunk.metadata
            records.ids.append(chunk.chunk_id)
            records.contents.append(chunk.content)
            records._origin_of.append(records._origin(chunk.doc_id, metadata, known))
            for field, column in records._numbers.items():
                try:
                    column.append(getattr(metadata, field))
                except (TypeError, OverflowError) as error:
                    raise StoreError(
                        f"chunk {chunk.chunk_id!r}: metadata.{field} must be an integer below "
                        f"2**63, not {getattr(metadata, field)!r}"
                    ) from error
        return records

    def _origin(self, doc_id: str, given: ChunkMetadata, known: dict[tuple[Any, ...], int]) -> int:
        own = (doc_id, given.source, given.page, given.total_chunks, given.doc_id)
        key = (*own, given.section, id(given.extra))
        number = known.setdefault(key, len(self.origins))
        if number == len(self.origins):
            self.origins.append(Origin(*own, given.section, copied(given.extra)))
        return number

    def __len__(self) -> int:
        return len(self.ids)

    def put(self, other: Records, size: int) -> None:
        """Append other records after the first ``size`` rows, which are all that anybody uses.

        Rows beyond them were left by a writer that was interrupted, and are dropped.
        """
        shift = len(self.origins)
        # Readers follow from rows to origins, so origins must be there first.
        self.origins.extend(other.origins)
        self._origin_of[size:] = array("i", [number + shift for number in other._origin_of])
        for field, column in self._numbers.items():
            column[size:] = other._numbers[field]
        self.contents[size:] = other.contents
        self.ids[size:] = other.ids

    def chunk(self, row: int, embedding: Floats) -> Chunk:
        """Rebuild the chunk of a row around its vector; the caller may keep and change it."""
        origin, numbers = self.origins[self._origin_of[row]], self._numbers
        return Chunk(
            content=self.contents[row],
            chunk_id=self.ids[row],
            doc_id=origin.chunk_doc_id,
            embedding=embedding,  # type: ignore[arg-type]
            metadata=ChunkMetadata(
                source=origin.source,
                page=origin.page,
                chunk_index=numbers["chunk_index"][row],
                total_chunks=origin.total_chunks,
                start_char=numbers["start_char"][row],
                end_char=numbers["end_char"][row],
                doc_id=origin.doc_id,
                extra=copied(origin.extra),
                section=origin.section,
            ),
        )

    def origin_numbers(self, rows: int) -> NDArray[np.int32]:
        """Positions in :attr:`origins` of the first ``rows`` rows."""
        # The slice is a copy: a view would forbid writers to append.
        return np.frombuffer(self._origin_of[:rows], dtype=np.int32)

    def numbers(self, field: str, rows: int) -> NDArray[np.int64]:
        """The values of one of :data:`NUMBERS` in the first ``rows`` rows."""
        return np.frombuffer(self._numbers[field][:rows], dtype=np.int64)

    def lines(self) -> Iterator[list[Any]]:
        """Each row as plain data: id, text, number of its origin, and the :data:`NUMBERS`."""
        columns = (self.ids, self.contents, self._origin_of, *self._numbers.values())
        return map(list, zip(*columns, strict=True))

    @classmethod
    def from_lines(cls, origins: list[Origin], lines: Iterable[Sequence[Any]]) -> Records:
        """Rebuild records from :meth:`lines`.

        Raises:
            ValueError: If a line is not one of these, or has an origin that is not there.
        """
        records = cls()
        records.origins = origins
        for chunk_id, content, origin, *numbers in lines:
            if not (isinstance(chunk_id, str) and isinstance(content, str)):
                raise ValueError("an id or a text is no string")
            if not 0 <= origin < len(origins):
                raise ValueError(f"there is no origin {origin}")
            records.ids.append(chunk_id)
            records.contents.append(content)
            records._origin_of.append(origin)
            for column, number in zip(records._numbers.values(), numbers, strict=True):
                column.append(number)
        return records

    def kept(self, rows: NDArray[np.intp]) -> Records:
        """Records of just these rows, in this order, with just their origins."""
        records = Records()
        chosen = rows.tolist()
        records.ids = [self.ids[row] for row in chosen]
        records.contents = [self.contents[row] for row in chosen]
        for field, column in self._numbers.items():
            records._numbers[field] = array("q", [column[row] for row in chosen])
        used, renumbered = np.unique([self._origin_of[row] for row in chosen], return_inverse=True)
        records.origins = [self.origins[number] for number in used.astype(int).tolist()]
        records._origin_of = array("i", renumbered.tolist())
        return records


def copied(value: Any) -> Any:
    """A copy of metadata, deep, that shares nothing which can change."""
    copy = _COPIES.get(type(value))
    if copy is not None:
        return copy(value)
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        return {key: copied(item) for key, item in value.items()}
    return deepcopy(value)


def _same(value: Any) -> Any:
    return value


# Exact types first: one look-up decides for nearly all values.
_COPIES: dict[type, Callable[[Any], Any]] = {
    **dict.fromkeys(_PLAIN, _same),
    dict: lambda value: {key: copied(item) for key, item in value.items()},
    list: lambda value: [copied(item) for item in value],
    tuple: lambda value: tuple(copied(item) for item in value),
}
