"""What a store keeps of a chunk beside its vector: columns, and facts that chunks share.

Some 250 bytes a chunk beside its text: neighbours mostly have one source, section and ``extra``,
which are kept once for all of them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from operator import attrgetter
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

    __slots__ = ("_facts_of", "_positions", "facts", "ids", "texts")

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.texts: list[str] = []
        self.facts: list[Facts] = []
        self._facts_of = array("i")
        self._positions = {field: array("q") for field in POSITIONS}

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, chunks: Sequence[Chunk]) -> Records:
        """The records of chunks, which share nothing changeable with them.

        Raises:
            StoreError: If a position is no 64-bit integer.
        """
        records = cls()
        known: dict[tuple[Any, ...], int] = {}
        numbers = records._facts_of
        places = [chunk.metadata for chunk in chunks]
        for chunk, given in zip(chunks, places, strict=True):
            key = (
                chunk.doc_id, given.source, given.page, given.total_chunks, given.doc_id,
                given.section, id(given.extra),
            )  # fmt: skip
            number = known.setdefault(key, len(records.facts))
            if number == len(records.facts):
                records.facts.append(Facts(chunk.doc_id, replace(given, extra=own(given.extra))))
            numbers.append(number)
        records.ids = [chunk.chunk_id for chunk in chunks]
        records.texts = [chunk.content for chunk in chunks]
        for field in POSITIONS:
            records._positions[field] = _column(field, records.ids, places)
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
        """Append the rows of other records."""
        used, renumbered = np.unique(other.facts_numbers(), return_inverse=True)
        shift = len(self.facts)
        # A stride of one call brings the facts of the stride before it once more.
        if used.size and self.facts and self.facts[-1] is other.facts[used[0]]:
            shift -= 1
        self.facts[shift:] = [other.facts[number] for number in used.tolist()]
        self._facts_of.extend((renumbered + shift).tolist())
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


def _column(field: str, ids: Sequence[str], places: Sequence[ChunkMetadata]) -> array[int]:
    values = list(map(attrgetter(field), places))
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
