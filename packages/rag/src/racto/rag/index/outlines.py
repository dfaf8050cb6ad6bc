"""Where the pages and sections of each document begin, so that any offset can be placed."""

from __future__ import annotations

import json
import sqlite3

from racto.core.documents import Document, Section


def save(connection: sqlite3.Connection, source_id: int, document: Document | None) -> None:
    """Write the outline of a source's document, replacing that of its version before.

    Args:
        connection: Inside the caller's transaction.
        source_id: Row of the source; the outline leaves the index with it.
        document: Its ``doc_id``, ``pages`` and ``sections`` are kept, its text is not. None
            for a source without any.
    """
    connection.execute("DELETE FROM outlines WHERE source_id = ?", (source_id,))
    # Most documents have neither pages nor headings, and cost nothing.
    if document is not None and (document.pages or document.sections):
        sections = [(each.start, each.level, each.title) for each in document.sections]
        connection.execute(
            "INSERT OR REPLACE INTO outlines (doc_id, source_id, pages, sections) "
            "VALUES (?, ?, ?, ?)",
            (document.doc_id, source_id, json.dumps(document.pages), json.dumps(sections)),
        )


def load(connection: sqlite3.Connection, doc_id: str) -> Document | None:
    """The outline of a document: the document without its text, or None when there is none."""
    sql = "SELECT pages, sections FROM outlines WHERE doc_id = ?"
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
    )
