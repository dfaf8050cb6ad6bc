"""The table itself: looked at, made, brought up to date and dropped, by any number of processes."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from racto.core.errors import ConfigurationError, DimensionMismatchError
from racto.core.flows import Flow

from .filters import INDEXED, PREFIX
from .layout import Layout
from .sessions import ask, tell, transaction

VERSION = 1
"""The newest version of the table; :func:`_upgrade` leads to it from any older one."""

MOST_SEARCHED = 100_000
"""How many characters of a text full-text search reads: more might not fit into a ``tsvector``."""

_MARK = "racto-stores-pgvector "
# A vector that fits beside its row is read without a detour; PostgreSQL's page has 8 kB.
_MOST_INLINE = 6_400

# Two stores of one new schema have locks of their own for their tables.
_SCHEMA_LOCK = 7_226_811_002

_LOOK = """
SELECT obj_description(c.oid, 'pg_class'),
       max(a.atttypmod) FILTER (WHERE a.attname = 'embedding'),
       max(format_type(a.atttypid, NULL)) FILTER (WHERE a.attname = 'embedding'),
       array_agg(a.attname::text)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.oid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
GROUP BY c.oid
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What was found of a table.

    Attributes:
        version: Of its layout.
        dimension: Length of its vectors.
        columns: Names of its columns.
    """

    version: int
    dimension: int
    columns: frozenset[str]

    def is_current(self, layout: Layout) -> bool:
        """Whether nothing has to be done before chunks are stored."""
        return self.version == VERSION and (
            layout.text_search is None or layout.words in self.columns
        )


def look(conn: Any, layout: Layout) -> Flow[Standing | None]:
    """What the table is like; None when there is none.

    Raises:
        ConfigurationError: If it is not racto's, of a later version, or keeps other values.
    """
    rows = yield from ask(conn, _LOOK, [layout.plain_name])
    if not rows:
        return None
    comment, dimension, kind, columns = rows[0]
    number = (comment or "").removeprefix(_MARK)
    if not (comment or "").startswith(_MARK) or not number.isdigit():
        raise ConfigurationError(
            f"the table {layout.plain_name} is not one of racto-stores-pgvector; choose another name"
        )
    if int(number) > VERSION:
        raise ConfigurationError(
            f"the table {layout.plain_name} has layout {number} and this racto-stores-pgvector "
            f"knows {VERSION}; update the package"
        )
    # The type's name carries its schema where that is not on the search path.
    if str(kind).rpartition(".")[2] != layout.kind:
        raise ConfigurationError(
            f"the table {layout.plain_name} keeps {kind}, and the store was made for "
            f"{layout.kind}; set halfvec to match"
        )
    return Standing(version=int(number), dimension=dimension, columns=frozenset(columns))


def prepare(conn: Any, layout: Layout, dimension: int) -> Flow[int]:
    """Make the table, or bring it up to date; safe to run twice, and at once.

    Returns:
        The table's dimension.

    Raises:
        DimensionMismatchError: If it is there for vectors of another length.
    """
    standing = yield from look(conn, layout)
    if standing is None or not standing.is_current(layout):
        standing = yield from transaction(conn, _upgrade(conn, layout, dimension))
    if standing.dimension != dimension:
        raise DimensionMismatchError(
            f"the table {layout.plain_name} keeps vectors of {standing.dimension}, not {dimension}",
            expected=standing.dimension,
            actual=dimension,
        )
    return standing.dimension


def drop(conn: Any, layout: Layout) -> Flow[None]:
    """Remove the table with all it holds; fine if it is not there."""
    # Looked at first: a table of somebody else's is not ours to drop.
    if (yield from look(conn, layout)) is not None:
        yield from tell(conn, f"DROP TABLE IF EXISTS {layout.name}")


def build_index(conn: Any, layout: Layout) -> Flow[None]:
    """Build the index on vectors anew, from the chunks that are there."""
    yield from tell(conn, "SET LOCAL statement_timeout = 0")
    yield from _lock(conn, layout)
    name = layout.index_name("embedding", qualified=True)
    yield from tell(conn, f"DROP INDEX IF EXISTS {name}")
    yield from tell(conn, _vector_index(layout))


def _upgrade(conn: Any, layout: Layout, dimension: int) -> Flow[Standing]:
    # A large table takes longer than any statement of every day.
    yield from tell(conn, "SET LOCAL statement_timeout = 0")
    yield from _lock(conn, layout)
    # Looked at again under the lock: another process may have done it meanwhile.
    standing = yield from look(conn, layout)
    if standing is None:
        yield from _create(conn, layout, layout.check_dimension(dimension))
    if layout.text_search is not None:
        yield from _add_words(conn, layout, layout.text_search)
    yield from tell(conn, f"COMMENT ON TABLE {layout.name} IS '{_MARK}{VERSION}'")
    found = yield from look(conn, layout)
    if found is None:
        raise ConfigurationError(
            f"the table {layout.plain_name} was made and cannot be seen; is a schema on the "
            f"search_path? Name one with schema=..."
        )
    return found


def _create(conn: Any, layout: Layout, dimension: int) -> Flow[None]:
    if layout.schema is not None:
        found = yield from ask(conn, "SELECT FROM pg_namespace WHERE nspname = %s", [layout.schema])
        # Asked first: to create what is there needs a privilege that a tenant may lack.
        if not found:
            yield from tell(conn, "SELECT pg_advisory_xact_lock(%s)", [_SCHEMA_LOCK])
            yield from tell(conn, f"CREATE SCHEMA IF NOT EXISTS {layout.schema_name}")
    column = f"{layout.kind}({dimension})"
    yield from tell(
        conn,
        f"""CREATE TABLE {layout.name} (
            has_lists boolean NOT NULL,
            id text COLLATE "C" PRIMARY KEY,
            content text NOT NULL,
            record text,
            metadata jsonb NOT NULL,
            embedding {column} NOT NULL)""",
    )
    if dimension * (4 if layout.kind == "vector" else 2) <= _MOST_INLINE:
        yield from tell(conn, f"ALTER TABLE {layout.name} ALTER embedding SET STORAGE PLAIN")
    for field in INDEXED:
        name = layout.index_name(field)
        place = f"left(metadata->>'{field}', {PREFIX})"
        yield from tell(conn, f"CREATE INDEX {name} ON {layout.name} (({place}))")
    if layout.metadata_index:
        name = layout.index_name("metadata")
        place = "metadata jsonb_path_ops"
        yield from tell(conn, f"CREATE INDEX {name} ON {layout.name} USING gin ({place})")
    # The lists of an ivfflat index are learned from chunks, and there are none yet.
    if layout.index == "hnsw":
        yield from tell(conn, _vector_index(layout))


def _vector_index(layout: Layout) -> str:
    name = layout.index_name("embedding")
    options = (
        f"m = {layout.hnsw_m}, ef_construction = {layout.hnsw_ef_construction}"
        if layout.index == "hnsw"
        else f"lists = {layout.ivfflat_lists}"
    )
    family = f"{layout.kind}_{layout.measure.family}_ops"
    return (
        f"CREATE INDEX {name} ON {layout.name} USING {layout.index} (embedding {family}) "
        f"WITH ({options})"
    )


def _add_words(conn: Any, layout: Layout, configuration: str) -> Flow[None]:
    # Not as a value: the definition of a column takes no parameters.
    from psycopg.sql import Literal

    name = Literal(configuration).as_string().replace("%", "%%")
    yield from tell(
        conn,
        f"ALTER TABLE {layout.name} ADD COLUMN IF NOT EXISTS {layout.quoted_words} tsvector "
        f"GENERATED ALWAYS AS (to_tsvector({name}::regconfig, left(content, {MOST_SEARCHED}))) "
        f"STORED",
    )
    index = layout.index_name("words")
    yield from tell(
        conn,
        f"CREATE INDEX IF NOT EXISTS {index} ON {layout.name} USING gin ({layout.quoted_words})",
    )


def _lock(conn: Any, layout: Layout) -> Flow[None]:
    # One number a name, the same in every process; let go at the end of the transaction.
    digest = blake2b(layout.plain_name.encode(), digest_size=8).digest()
    number = int.from_bytes(digest, "big", signed=True)
    yield from tell(conn, "SELECT pg_advisory_xact_lock(%s)", [number])
