"""The statements that the store sends, and the only place where their texts are put together.

What goes into a text is a name that :class:`~racto.stores.pgvector.layout.Layout` quoted, or a
condition of :mod:`racto.stores.pgvector.filters`, which is made of constants. Every value is bound.
"""

from __future__ import annotations

from .layout import Layout
from .records import COLUMNS, READ

_COLUMNS = ", ".join(COLUMNS)
_NEWS = ", ".join(f"{column} = EXCLUDED.{column}" for column in COLUMNS[1:])
_PARTS = {"columns": _COLUMNS, "news": _NEWS, "read": READ}

COUNT = "SELECT count(*) FROM {table}"

GET = "SELECT {read} FROM {table} WHERE id = ANY(%s)"

FIRST_PAGE = "SELECT {read} FROM {table} WHERE {where} ORDER BY id LIMIT %s"
NEXT_PAGE = "SELECT {read} FROM {table} WHERE {where} AND id > %s ORDER BY id LIMIT %s"

# What is shown of a row is computed outside, for the few that are chosen.
NEAREST = """
SELECT {read}, distance FROM (
    SELECT *, embedding {sign} %s::{kind} AS distance FROM {table}
    WHERE {where} ORDER BY distance LIMIT %s
) AS chosen ORDER BY distance, id
"""
NEAREST_OF_EACH = """
SELECT asked.number, {read}, distance
FROM unnest(%s) WITH ORDINALITY AS asked(query, number) CROSS JOIN LATERAL (
    SELECT *, embedding {sign} asked.query::{kind} AS distance FROM {table}
    WHERE {where} ORDER BY distance LIMIT %s
) AS chosen ORDER BY asked.number, distance, id
"""

# Any of the words: a question has more of them than a passage that answers it.
BY_WORDS = r"""
WITH asked AS MATERIALIZED (
    SELECT array_to_string(ARRAY(
        SELECT '''' || replace(replace(word, '\', '\\'), '''', '''''') || ''''
        FROM unnest(tsvector_to_array(to_tsvector(%s::regconfig, %s))) AS word
    ), ' | ')::tsquery AS query
)
SELECT {read}, likeness FROM (
    SELECT chunks.*, ts_rank({words}, query, 1) AS likeness FROM {table} AS chunks, asked
    WHERE {words} @@ query AND {where} ORDER BY likeness DESC, id LIMIT %s
) AS chosen ORDER BY likeness DESC, id
"""

# Locked in the order in which writers lock, so that two of them never wait for each other.
DELETE = """
DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {where} ORDER BY id FOR UPDATE)
"""

KNOWN = "SELECT id FROM {table} WHERE id = ANY(%s)"
COPY = "COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)"
# Half as dear to the server as a temporary table, and one round trip instead of five.
UPSERT = """
INSERT INTO {table} ({columns}) SELECT * FROM unnest(%s, %s, %s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET {news}
"""


def filled(template: str, layout: Layout, where: str = "TRUE") -> str:
    """One of this room's texts with the names of a layout and a condition in it."""
    return template.format(
        table=layout.name, kind=layout.kind,
        sign=layout.measure.sign, words=layout.quoted_words, where=where, **_PARTS,
    )  # fmt: skip
