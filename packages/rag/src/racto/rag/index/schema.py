"""The tables of an index, and the marks by which its file is known as racto's own."""

from __future__ import annotations

import sqlite3

APPLICATION_ID = 0x52614752
FORMAT = 2
"""Version of the tables; a file of another version is refused, never converted in silence."""

TOKENIZER = "porter unicode61 remove_diacritics 2"
"""How the index of words spells them: without case and accents, by their English stems."""

# The words' table borrows its text from the chunks' table instead of storing it twice; the two
# triggers keep them in step, whoever writes. The function ``segmented`` is that of words.py.
_TABLES = f"""
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    label TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    digest TEXT NOT NULL,
    settings TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    chunks INTEGER NOT NULL,
    ingested_at REAL NOT NULL
);

CREATE TABLE chunks (
    id INTEGER PRIMARY KEY,
    chunk_id TEXT NOT NULL UNIQUE,
    source_id INTEGER REFERENCES sources (id) ON DELETE CASCADE,
    content TEXT NOT NULL,
    doc_id TEXT NOT NULL,
    source TEXT NOT NULL,
    page INTEGER,
    section TEXT,
    chunk_index INTEGER NOT NULL,
    total_chunks INTEGER NOT NULL,
    start_char INTEGER NOT NULL,
    end_char INTEGER NOT NULL,
    extra TEXT NOT NULL,
    vector BLOB
);
CREATE INDEX chunks_by_source ON chunks (source_id);

CREATE TABLE outlines (
    doc_id TEXT PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    pages TEXT NOT NULL,
    sections TEXT NOT NULL,
    rows TEXT NOT NULL DEFAULT '[]'
) WITHOUT ROWID;
CREATE INDEX outlines_by_source ON outlines (source_id);

CREATE VIRTUAL TABLE words USING fts5 (
    content, content = 'chunks', content_rowid = 'id',
    tokenize = "{TOKENIZER}"
);
CREATE TRIGGER words_added AFTER INSERT ON chunks BEGIN
    INSERT INTO words (rowid, content) VALUES (new.id, segmented(new.content));
END;
CREATE TRIGGER words_removed AFTER DELETE ON chunks BEGIN
    INSERT INTO words (words, rowid, content)
    VALUES ('delete', old.id, segmented(old.content));
END;
"""  # noqa: S608 - a constant


def create_tables(connection: sqlite3.Connection) -> None:
    """Make an empty index in an empty database."""
    connection.executescript(
        f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {FORMAT};" + _TABLES
    )
