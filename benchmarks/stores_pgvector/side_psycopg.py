"""Bare psycopg with the pgvector adapter: the same columns, the same index on ids, no checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from pgvector.psycopg import register_vector
from psycopg.types.json import Jsonb
from server import dsn, facts, matrix, settle, text

UPSERT = (
    "INSERT INTO {table} VALUES (%s, %s, %s, {vector}) ON CONFLICT (id) DO UPDATE SET "
    "content = EXCLUDED.content, metadata = EXCLUDED.metadata, embedding = EXCLUDED.embedding"
)
NEAREST = (
    "SELECT id, content, metadata, embedding, embedding <=> %s AS distance FROM {table} "
    "WHERE {where} ORDER BY distance LIMIT %s"
)


def copy_binary(rows: int, dimension: int, batch_size: int) -> Callable[[], int]:
    """Binary COPY with the adapter's types, one transaction a batch."""
    return _copying(_table("bare_copy", dimension), rows, dimension, batch_size)


def _copying(
    conn: psycopg.Connection[Any], rows: int, dimension: int, batch_size: int
) -> Callable[[], int]:
    records = _records(rows, dimension)

    def once() -> int:
        conn.execute("TRUNCATE bare_copy")
        for part in _cut(records, batch_size):
            with conn.cursor().copy("COPY bare_copy FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["text", "text", "jsonb", "vector"])
                for key, content, metadata, vector in part:
                    copy.write_row((key, content, Jsonb(metadata), vector))
        return rows

    return once


def copy_binary_indexed(rows: int, dimension: int, batch_size: int) -> Callable[[], int]:
    """As :func:`copy_binary`, into a table that can be searched by document and source, too."""
    conn = _table("bare_copy", dimension)
    for field in ("doc_id", "source"):
        conn.execute(f"CREATE INDEX ON bare_copy ((left(metadata->>'{field}', 200)))")
    return _copying(conn, rows, dimension, batch_size)


def copy_and_upsert(rows: int, dimension: int, batch_size: int) -> Callable[[], int]:
    """Binary COPY into a temporary table, then an upsert from it: the usual way to replace."""
    conn, records = _table("bare_replace", dimension), _records(rows, dimension)
    conn.execute("CREATE TEMP TABLE aside (LIKE bare_replace) ON COMMIT DELETE ROWS")

    def once() -> int:
        for part in _cut(records, batch_size):
            with conn.transaction():
                with conn.cursor().copy("COPY aside FROM STDIN (FORMAT BINARY)") as copy:
                    copy.set_types(["text", "text", "jsonb", "vector"])
                    for key, content, metadata, vector in part:
                        copy.write_row((key, content, Jsonb(metadata), vector))
                conn.execute(
                    "INSERT INTO bare_replace SELECT * FROM aside ON CONFLICT (id) DO UPDATE SET "
                    "content = EXCLUDED.content, metadata = EXCLUDED.metadata, "
                    "embedding = EXCLUDED.embedding"
                )
        return rows

    once()
    return once


def executemany_lists(rows: int, dimension: int, batch_size: int) -> Callable[[], int]:
    """executemany with vectors as text, as an embedding service's lists are usually written."""
    return _executemany("bare_lists", rows, dimension, batch_size, "%s::vector", str)


def executemany_arrays(rows: int, dimension: int, batch_size: int) -> Callable[[], int]:
    """executemany with vectors as arrays, in binary."""
    return _executemany("bare_arrays", rows, dimension, batch_size, "%s", None)


def search(
    rows: int, dimension: int, top_k: int, index: str | None, where: str = "TRUE"
) -> Callable[[], int]:
    """One query at a time; rows as psycopg gives them."""
    conn, table = _filled(rows, dimension, index)
    queries = matrix(64, dimension, seed=1)
    query, turn = NEAREST.format(table=table, where=where), iter(range(1 << 60))

    def once() -> int:
        asked = queries[next(turn) % 64]
        conn.execute(query, (asked, top_k), binary=True).fetchall()
        return 1

    return once


def search_filtered(rows: int, dimension: int, top_k: int, index: str | None) -> Callable[[], int]:
    """One query at a time among every tenth chunk."""
    return search(rows, dimension, top_k, index, """metadata->'extra' @> '{"shelf": 3}'""")


def search_batch(
    rows: int, dimension: int, top_k: int, index: str | None, batch: int
) -> Callable[[], int]:
    """A batch of queries, sent in one pipeline."""
    conn, table = _filled(rows, dimension, index)
    queries = matrix(batch, dimension, seed=1)
    query = NEAREST.format(table=table, where="TRUE")

    def once() -> int:
        with conn.pipeline():
            cursors = [conn.execute(query, (asked, top_k), binary=True) for asked in queries]
        for cursor in cursors:
            cursor.fetchall()
        return batch

    return once


def _executemany(
    table: str, rows: int, dimension: int, batch_size: int, vector: str, shape: Any
) -> Callable[[], int]:
    conn, records = _table(table, dimension), _records(rows, dimension)
    lists = [(key, content, facts_, item.tolist()) for key, content, facts_, item in records]
    query = UPSERT.format(table=table, vector=vector)

    def once() -> int:
        conn.execute(f"TRUNCATE {table}")
        for part in _cut(lists if shape else records, batch_size):
            with conn.transaction():
                conn.cursor().executemany(
                    query,
                    [(k, c, Jsonb(m), shape(v) if shape else v) for k, c, m, v in part],
                )
        return rows

    return once


def _cut(records: list[Any], size: int) -> list[list[Any]]:
    return [records[at : at + size] for at in range(0, len(records), size)]


def _connected() -> psycopg.Connection[Any]:
    conn = psycopg.connect(dsn(), autocommit=True)
    conn.execute("CREATE EXTENSION IF NOT EXISTS vector")
    register_vector(conn)
    return conn


def _table(name: str, dimension: int) -> psycopg.Connection[Any]:
    conn = _connected()
    conn.execute(f"DROP TABLE IF EXISTS {name}")
    conn.execute(
        f"CREATE TABLE {name} (id text PRIMARY KEY, content text, metadata jsonb, "
        f"embedding vector({dimension}))"
    )
    return conn


def _filled(rows: int, dimension: int, index: str | None) -> tuple[psycopg.Connection[Any], str]:
    table = f"bare_{rows}_{index or 'exact'}"
    conn = _connected()
    conn.execute("SET hnsw.ef_search = 100")
    conn.execute("SET hnsw.iterative_scan = relaxed_order")
    is_there = conn.execute("SELECT to_regclass(%s) IS NOT NULL", (table,)).fetchone() == (True,)
    # Another case may have filled it: the next one takes it as it is.
    if is_there and conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (rows,):
        return conn, table
    _table(table, dimension).close()
    with conn.cursor().copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["text", "text", "jsonb", "vector"])
        for key, content, metadata, vector in _records(rows, dimension):
            copy.write_row((key, content, Jsonb(metadata), vector))
    if index:
        conn.execute("SET maintenance_work_mem = '1GB'")
        conn.execute(f"CREATE INDEX ON {table} USING hnsw (embedding vector_cosine_ops)")
    settle(table)
    return conn, table


def _records(rows: int, dimension: int) -> list[tuple[str, str, dict[str, Any], Any]]:
    return [
        (f"f3b1c9d2e4a5:{n * 460}-{n * 460 + 512}", text(n), facts(n), vector)
        for n, vector in enumerate(matrix(rows, dimension))
    ]
