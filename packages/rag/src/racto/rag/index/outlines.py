"""Where the pages, sections and rows of each document begin, so that any offset can be placed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from itertools import accumulate, pairwise

from racto.core.documents import Document, Section

_INSERT = "INSERT OR REPLACE INTO outlines (doc_id, source_id, pages, sections) VALUES (?, ?, ?, ?)"
_SET_ROWS = "UPDATE outlines SET rows = ? WHERE doc_id = ?"
_FIND = "SELECT pages, sections, rows FROM outlines WHERE doc_id = ?"
_FIND_WITHOUT_ROWS = "SELECT pages, sections, '[]' FROM outlines WHERE doc_id = ?"
_HAS_ROWS = "SELECT 1 FROM pragma_table_info('outlines') WHERE name = 'rows'"


def save(connection: sqlite3.Connection, source_id: int, document: Document | None) -> None:
    """Write the outline of a source's document, replacing that of its version before.

    Args:
        connection: Inside the caller's transaction.
        source_id: Row of the source; the outline leaves the index with it.
        document: Its ``doc_id``, ``pages``, ``sections`` and ``rows`` are kept, its text is
            not. None for a source without any.
    """
    connection.execute("DELETE FROM outlines WHERE source_id = ?", (source_id,))
    # Most documents have neither pages nor headings, and cost nothing.
    if document is None or not (document.pages or document.sections or document.rows):
        return
    sections = [(each.start, each.level, each.title) for each in document.sections]
    outline = (document.doc_id, source_id, json.dumps(document.pages), json.dumps(sections))
    connection.execute(_INSERT, outline)
    if document.rows:
        _make_room_for_rows(connection)
        rows = json.dumps(_distances(document.rows), separators=(",", ":"))
        connection.execute(_SET_ROWS, (rows, document.doc_id))


def load(connection: sqlite3.Connection, doc_id: str) -> Document | None:
    """The outline of a document: the document without its text, or None when there is none."""
    sql = _FIND if _has_rows(connection) else _FIND_WITHOUT_ROWS
    row = connection.execute(sql, (doc_id,)).fetchone()
    if row is None:
        return None
    sections = (
        Section(start=start, level=level, title=title) for start, level, title in json.loads(row[1])
    )
    return Document(
        content="",
        source="",
        doc_id=doc_id,
        pages=tuple(json.loads(row[0])),
        sections=tuple(sections),
        rows=tuple(accumulate(json.loads(row[2]))),
    )


def _distances(rows: Sequence[int]) -> list[int]:
    """The first offset, then how far each row is from the one before: a third of the digits."""
    return [*rows[:1], *(after - before for before, after in pairwise(rows))]


def _has_rows(connection: sqlite3.Connection) -> bool:
    return connection.execute(_HAS_ROWS).fetchone() is not None


def _make_room_for_rows(connection: sqlite3.Connection) -> None:
    # An index made before rows were kept has no such column; what opens it elsewhere ignores it.
    if not _has_rows(connection):
        connection.execute("ALTER TABLE outlines ADD COLUMN rows TEXT NOT NULL DEFAULT '[]'")
