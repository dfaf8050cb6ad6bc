"""What an index knows of each source: enough to see at a glance whether it changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

TEXT_KEY = b"text:"
"""How the keys of sources begin that are no files."""

SourceStatus: TypeAlias = Literal["ingested", "skipped", "duplicate", "ignored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """One file or text of an index.

    Attributes:
        key: Identity: a file's absolute path as the system's bytes, or a label of a text.
        label: The name that people see and that the chunks carry as ``source``.
        size: Bytes of the version that was ingested.
        mtime_ns: Its modification time in nanoseconds; 0 for texts.
        digest: SHA-256 of its bytes in hexadecimal; empty when nothing was ingested yet.
        settings: Chunker, processors and metadata with which it was cut.
        status: ``skipped`` when the last attempt failed; ``duplicate`` when another source has
            the same bytes, and its passages stand for both; ``ignored`` for a picture that
            holds no words.
        reason: Why it was skipped, or the absolute path of that other source.
        chunks: How many chunks of it are in the index.
        ingested_at: Seconds since the epoch; 0 when it never was.
    """

    key: bytes
    label: str
    size: int = 0
    mtime_ns: int = 0
    digest: str = ""
    settings: str = ""
    status: SourceStatus = "ingested"
    reason: str = ""
    chunks: int = 0
    ingested_at: float = 0.0


_NAMES = [item.name for item in fields(SourceRecord)]
_COLUMNS = ", ".join(_NAMES)
# Not REPLACE, which would delete the old row and, with it, all chunks that refer to it.
_UPSERT = (
    f"INSERT INTO sources ({_COLUMNS}) VALUES ({', '.join('?' * len(_NAMES))}) "  # noqa: S608
    "ON CONFLICT (key) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _NAMES[1:])
    + " RETURNING id"
)


def save(connection: sqlite3.Connection, record: SourceRecord) -> int:
    """Write a record, replacing the one with its key, and return its row id."""
    values = [getattr(record, name) for name in _NAMES]
    return int(connection.execute(_UPSERT, values).fetchone()[0])


def load(connection: sqlite3.Connection, key: bytes) -> SourceRecord | None:
    """The record of a key."""
    sql = f"SELECT {_COLUMNS} FROM sources WHERE key = ?"  # noqa: S608 - constant names
    row = connection.execute(sql, (key,)).fetchone()
    return _record(row) if row else None


def load_all(connection: sqlite3.Connection) -> list[SourceRecord]:
    """All records in the order of their keys."""
    sql = f"SELECT {_COLUMNS} FROM sources ORDER BY key"  # noqa: S608 - constant names
    return [_record(row) for row in connection.execute(sql)]


def keys(connection: sqlite3.Connection) -> list[bytes]:
    """The keys of all records in their order."""
    return [row[0] for row in connection.execute("SELECT key FROM sources ORDER BY key")]


def digests(connection: sqlite3.Connection) -> Iterator[tuple[str, bytes, str, str]]:
    """Digest, key, status and settings of sources that have chunks or are duplicates, by key."""
    yield from connection.execute(
        "SELECT digest, key, status, settings FROM sources "
        "WHERE digest <> '' AND (chunks > 0 OR status = 'duplicate') ORDER BY key"
    )


def chunk_ids(connection: sqlite3.Connection, keys: Sequence[bytes]) -> list[str]:
    """The ids of all chunks of these sources."""
    sql = (
        "SELECT chunk_id FROM chunks JOIN sources ON sources.id = chunks.source_id "
        "WHERE sources.key = ?"
    )
    return [row[0] for key in keys for row in connection.execute(sql, (key,))]


def remove(connection: sqlite3.Connection, keys: Sequence[bytes]) -> None:
    """Remove sources with all their chunks."""
    connection.executemany("DELETE FROM sources WHERE key = ?", ((key,) for key in keys))


def _record(row: tuple[object, ...]) -> SourceRecord:
    return SourceRecord(**dict(zip(_NAMES, row, strict=True)))  # type: ignore[arg-type]
