"""What a store keeps of a chunk beside its vector: columns, and facts that chunks share.

Some 250 bytes a chunk beside its text: neighbours mostly have one source, section and ``extra``,
which are kept once for all of them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import StoreError

from .vectors import Floats, Numbers

POSITIONS = ("chunk_index", "start_char", "end_char")
"""The metadata fields in which chunks of one document differ."""

_PLAIN = frozenset({str, int, float, bool, type(None)})


class Facts(NamedTuple):
    """What several chunks have in common.

    Attributes:
        doc_id: ``Chunk.doc_id``.
        metadata: Their metadata, whose :data:`POSITIONS` mean nothing; the store's own copy.
    """

    doc_id: str
    metadata: ChunkMetadata


class Records:
    """Columns with one entry a row; row numbers are those of the index.

    Attributes:
        ids: Chunk ids.
        texts: Contents.
        facts: What chunks share.
    """

    __slots__ = ("_facts_of", "_latest", "_positions", "_shift", "facts", "ids", "texts")

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.texts: list[str] = []
        self.facts: list[Facts] = []
        self._facts_of = array("i")
        # Facts that came last, and where they begin.
        self._latest: list[Facts] = []
        self._shift = 0
        self._positions = {field: array("q") for field in POSITIONS}

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, chunks: Sequence[Chunk], ids: list[str] | None = None) -> Records:
        """The records of chunks, which share nothing changeable with them.

        Args:
            chunks: The chunks.
            ids: Their ids, where somebody has read them already; the list is taken over.

        Raises:
            StoreError: If a position is no 64-bit integer.
        """
        records = cls()
        ids = [chunk.chunk_id for chunk in chunks] if ids is None else ids
        places = [chunk.metadata for chunk in chunks]
        keys = [
            (
                chunk.doc_id, given.source, given.page, given.total_chunks, given.doc_id,
                given.section, id(given.extra),
            )
            for chunk, given in zip(chunks, places, strict=True)
        ]  # fmt: skip
        numbers = list(map(_Numbering().__getitem__, keys))
        # Of those with one number any will do: they share all that is kept of it here.
        shared = dict(zip(numbers, zip(chunks, places, strict=True), strict=True))
        records.facts = [
            Facts(chunk.doc_id, replace(given, extra=own(given.extra)))
            for chunk, given in shared.values()
        ]
        records._facts_of = array("i", numbers)
        records.ids = ids
        records.texts = [chunk.content for chunk in chunks]
        records._positions = {
            "chunk_index": _column("chunk_index", ids, [given.chunk_index for given in places]),
            "start_char": _column("start_char", ids, [given.start_char for given in places]),
            "end_char": _column("end_char", ids, [given.end_char for given in places]),
        }
        return records

    def part(self, first: int, last: int) -> Records:
        """The rows from ``first`` to before ``last``, with all facts."""
        found = Records()
        found.ids, found.texts = self.ids[first:last], self.texts[first:last]
        found.facts = self.facts
        found._facts_of = self._facts_of[first:last]
        found._positions = {name: old[first:last] for name, old in self._positions.items()}
        return found

    def extend(self, other: Records) -> None:
        """Append the rows of other records; parts of one share its facts."""
        if other.facts is not self._latest:
            self._shift, self._latest = len(self.facts), other.facts
            self.facts += other.facts
        self._facts_of.frombytes((other.facts_numbers() + np.int32(self._shift)).tobytes())
        for field, column in self._positions.items():
            column.extend(other._positions[field])
        self.texts.extend(other.texts)
        self.ids.extend(other.ids)

    def kept(self, rows: Numbers) -> Records:
        """Records of just these rows, with just their facts."""
        found, chosen = Records(), rows.tolist()
        if not chosen:
            return found
        found.ids = [self.ids[row] for row in chosen]
        found.texts = [self.texts[row] for row in chosen]
        used, renumbered = np.unique(self.facts_numbers()[rows], return_inverse=True)
        found.facts = [self.facts[number] for number in used.tolist()]
        found._facts_of = array("i", renumbered.tolist())
        found._positions = {
            field: array("q", self.positions(field)[rows].tolist()) for field in POSITIONS
        }
        return found

    def chunk(self, row: int, embedding: Floats) -> Chunk:
        """The chunk of a row, rebuilt around its vector; the caller may keep and change it."""
        doc_id, shared = self.facts[self._facts_of[row]]
        positions = self._positions
        return Chunk(
            content=self.texts[row],
            chunk_id=self.ids[row],
            doc_id=doc_id,
            embedding=embedding,  # type: ignore[arg-type]
            metadata=ChunkMetadata(
                source=shared.source,
                page=shared.page,
                chunk_index=positions["chunk_index"][row],
                total_chunks=shared.total_chunks,
                start_char=positions["start_char"][row],
                end_char=positions["end_char"][row],
                doc_id=shared.doc_id,
                extra=own(shared.extra),
                section=shared.section,
            ),
        )

    def facts_numbers(self) -> NDArray[np.int32]:
        """Positions in :attr:`facts` of all rows; a view, for no longer than nobody writes."""
        return np.frombuffer(self._facts_of, dtype=np.int32)

    def positions(self, field: str) -> NDArray[np.int64]:
        """One of :data:`POSITIONS` of all rows; a view, for no longer than nobody writes."""
        return np.frombuffer(self._positions[field], dtype=np.int64)

    # Lines and not one document: a file of any size is read a chunk at a time.
    def lines(self) -> Iterator[list[Any]]:
        """Each row as plain data: id, text, number of its facts, and :data:`POSITIONS`."""
        columns = (self.ids, self.texts, self._facts_of, *self._positions.values())
        return map(list, zip(*columns, strict=True))

    @classmethod
    def from_lines(cls, facts: list[Facts], lines: Iterable[Sequence[Any]]) -> Records:
        """Rebuild records from :meth:`lines`.

        Raises:
            ValueError: If a line is none of these, or an id is there twice.
        """
        records = cls()
        records.facts = facts
        for chunk_id, text, number, *positions in lines:
            if not (isinstance(chunk_id, str) and isinstance(text, str)):
                raise ValueError("an id or a text is no string")
            if not 0 <= number < len(facts):
                raise ValueError(f"there are no facts {number}")
            records.ids.append(chunk_id)
            records.texts.append(text)
            records._facts_of.append(number)
            for column, position in zip(records._positions.values(), positions, strict=True):
                column.append(position)
        if len(set(records.ids)) != len(records):
            raise ValueError("an id is there twice")
        return records


class _Numbering(dict[tuple[Any, ...], int]):
    """Numbers keys by the order in which they are first asked for."""

    def __missing__(self, key: tuple[Any, ...]) -> int:
        number = self[key] = len(self)
        return number


def _column(field: str, ids: Sequence[str], values: list[int]) -> array[int]:
    try:
        return array("q", values)
    except (TypeError, OverflowError) as error:
        bad = next(at for at, value in enumerate(values) if not _fits(value))
        raise StoreError(
            f"chunk {ids[bad]!r}: metadata.{field} must be an integer below 2**63, not "
            f"{values[bad]!r}"
        ) from error


def _fits(value: Any) -> bool:
    return isinstance(value, int) and -(2**63) <= value < 2**63


def own(value: Any) -> Any:
    """A copy of metadata, deep, that shares nothing which can change."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Mapping):
        return {key: own(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(own, value))
    return deepcopy(value)
