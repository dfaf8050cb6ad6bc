"""Manifests: the items of one job in their order, and what came back for each, on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import NamedTuple

import orjson

from .databases import prepare, transaction
from .hosts import Fate, Outcome
from .jobs import BatchStatus
from .json_texts import dumped
from .spooling import Place
from .terms import Terms

_SCHEMA = """
CREATE TABLE terms (id INTEGER PRIMARY KEY, packed TEXT NOT NULL);
CREATE TABLE items (
    position INTEGER PRIMARY KEY, custom_id TEXT NOT NULL UNIQUE, part INTEGER NOT NULL,
    start INTEGER NOT NULL, length INTEGER NOT NULL, weight INTEGER NOT NULL,
    terms INTEGER NOT NULL, texts TEXT
);
CREATE TABLE outcomes (
    position INTEGER PRIMARY KEY, fate TEXT NOT NULL, body BLOB NOT NULL, status INTEGER,
    request_id TEXT, problem TEXT NOT NULL
);
CREATE TABLE ends (
    part INTEGER PRIMARY KEY, status TEXT NOT NULL, errors TEXT NOT NULL, strays INTEGER NOT NULL,
    notes TEXT NOT NULL
);
"""
_VERSION = 1
_ADD = "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
# An answer is worth more than an error for the same item; otherwise the first one stands.
_TAKE = """
INSERT INTO outcomes SELECT position, ?, ?, ?, ?, ? FROM items WHERE custom_id = ? AND part = ?
ON CONFLICT (position) DO UPDATE SET fate = excluded.fate, body = excluded.body,
    status = excluded.status, request_id = excluded.request_id, problem = excluded.problem
    WHERE excluded.fate = 'answered' AND outcomes.fate != 'answered'
"""
_FOUND = "SELECT 1 FROM items WHERE custom_id = ? AND part = ?"
_PAGE = """
SELECT items.position, custom_id, part, terms, texts, fate, body, status, request_id, problem
FROM items LEFT JOIN outcomes USING (position)
WHERE items.position >= ? ORDER BY items.position LIMIT ?
"""
_MOST_NOTES = 20


class ItemRow(NamedTuple):
    """One item as it is kept."""

    custom_id: str
    place: Place
    weight: int
    terms: Terms
    texts: tuple[str, ...]


class ResultRow(NamedTuple):
    """One item with what came back for it; ``fate`` is None when nothing did."""

    position: int
    custom_id: str
    part: int
    terms: int
    texts: str | None
    fate: str | None
    body: bytes | None
    status: int | None
    request_id: str | None
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartEnd:
    """How a part ended.

    Attributes:
        status: The part's last state.
        errors: Why it failed as a whole.
        strays: Lines of its files that belong to no item, or cannot be read.
        notes: What is wrong with the first of them.
    """

    status: BatchStatus
    errors: tuple[str, ...] = ()
    strays: int = 0
    notes: tuple[str, ...] = ()


class Manifest:
    """The items of one job; every change is whole or not there.

    Args:
        path: The SQLite file; made when it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        prepare(path, _SCHEMA, name="manifest", version=_VERSION)

    def fill(self, rows: Iterable[ItemRow]) -> int:
        """Keep the items of a new job; returns how many there were."""
        known: dict[Terms, int] = {}
        # One transaction: a process that dies in it leaves an empty manifest.
        with transaction(self._path) as db:
            db.executemany(_ADD, _numbered(rows, known))
            db.executemany(
                "INSERT INTO terms VALUES (?, ?)",
                [(number, terms.packed()) for terms, number in known.items()],
            )
            (count,) = db.execute("SELECT COUNT(*) FROM items").fetchone()
        return int(count)

    def take(
        self,
        part: int,
        outcomes: Iterable[Outcome],
        *,
        status: BatchStatus,
        errors: Sequence[str] = (),
        adopt: Terms | None = None,
    ) -> tuple[int, PartEnd]:
        """Keep what came back for a part, in place of what was kept before.

        Args:
            part: Number of the part.
            outcomes: The lines of its result files.
            status: How its job ended.
            errors: Why its job failed as a whole.
            adopt: Terms for items that are not known here: every id of the files is then taken
                for an item. None for a job that was submitted from here.

        Returns:
            How many lines belong to items, and the end of the part.
        """
        matched = strays = 0
        notes: list[str] = []
        with transaction(self._path) as db:
            db.execute("DELETE FROM outcomes WHERE position IN "
                       "(SELECT position FROM items WHERE part = ?)", (part,))  # fmt: skip
            adopting = _Adoption(db, part, adopt) if adopt is not None else None
            for outcome in outcomes:
                # First the item, so that its line finds it.
                if adopting is not None and outcome.custom_id is not None:
                    adopting.add(outcome.custom_id)
                if _took(db, part, outcome):
                    matched += 1
                    continue
                strays += 1
                if len(notes) < _MOST_NOTES:
                    notes.append(outcome.problem or f"no item has the id {outcome.custom_id!r:.80}")
            end = PartEnd(status=status, errors=tuple(errors), strays=strays, notes=tuple(notes))
            db.execute(
                "INSERT OR REPLACE INTO ends VALUES (?, ?, ?, ?, ?)",
                (part, status, orjson.dumps(end.errors), strays, orjson.dumps(end.notes)),
            )
        return matched, end

    def ends(self) -> dict[int, PartEnd]:
        """How the parts ended whose files were read, by number."""
        with transaction(self._path, writes=False) as db:
            rows = db.execute("SELECT part, status, errors, strays, notes FROM ends").fetchall()
        return {
            part: PartEnd(
                status=BatchStatus(status),
                errors=tuple(orjson.loads(errors)),
                strays=strays,
                notes=tuple(orjson.loads(notes)),
            )
            for part, status, errors, strays, notes in rows
        }

    def terms(self) -> dict[int, Terms]:
        """The terms of all items, by number."""
        with transaction(self._path, writes=False) as db:
            rows = db.execute("SELECT id, packed FROM terms").fetchall()
        return {number: Terms.unpacked(packed) for number, packed in rows}

    def page(self, start: int, most: int) -> list[ResultRow]:
        """Items from a position on, with what came back for them."""
        with transaction(self._path, writes=False) as db:
            return [ResultRow(*row) for row in db.execute(_PAGE, (start, most))]

    def items(self, custom_ids: Sequence[str]) -> Iterator[ItemRow]:
        """The items of these ids, as they were filled in, in the order of the ids."""
        terms = self.terms()
        for first in range(0, len(custom_ids), _AT_ONCE):
            some = custom_ids[first : first + _AT_ONCE]
            with transaction(self._path, writes=False) as db:
                rows = [db.execute(_ITEM, (custom_id,)).fetchone() for custom_id in some]
            for custom_id, part, start, length, weight, number, texts in rows:
                yield ItemRow(
                    custom_id=custom_id,
                    place=Place(part, start, length),
                    weight=weight,
                    terms=terms[number],
                    texts=tuple(orjson.loads(texts)) if texts else (),
                )


_AT_ONCE = 500
_ITEM = "SELECT custom_id, part, start, length, weight, terms, texts FROM items WHERE custom_id = ?"


class _Adoption:
    """Takes in items that another machine, or another program, has submitted."""

    def __init__(self, db: Connection, part: int, terms: Terms) -> None:
        self._db = db
        self._part = part
        db.execute("INSERT OR REPLACE INTO terms VALUES (0, ?)", (terms.packed(),))

    def add(self, custom_id: str) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO items SELECT COALESCE(MAX(position), -1) + 1, ?, ?, 0, 0, 1, "
            "0, NULL FROM items",
            (custom_id, self._part),
        )


def _numbered(rows: Iterable[ItemRow], known: dict[Terms, int]) -> Iterator[tuple[object, ...]]:
    for position, (custom_id, place, weight, terms, texts) in enumerate(rows):
        number = known.setdefault(terms, len(known))
        kept = dumped(texts).decode() if texts else None
        yield (position, custom_id, *place, weight, number, kept)


def _took(db: Connection, part: int, outcome: Outcome) -> bool:
    """Keep a line; False when it belongs to no item."""
    custom_id = outcome.custom_id
    if custom_id is None:
        return False
    values = (
        outcome.fate,
        outcome.body,
        outcome.status,
        outcome.request_id,
        outcome.problem,
        custom_id,
        part,
    )
    if db.execute(_TAKE, values).rowcount > 0:
        return True
    # Nothing was written for an item that has its outcome already, either.
    return outcome.fate is not Fate.MALFORMED and bool(
        db.execute(_FOUND, (custom_id, part)).fetchone()
    )
