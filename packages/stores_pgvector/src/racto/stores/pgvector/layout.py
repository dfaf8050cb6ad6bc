"""How the chunks lie in the database: names, column types, indexes, checked once and never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from racto.core.errors import ConfigurationError

from .distances import Measure

IndexMethod: TypeAlias = Literal["hnsw", "ivfflat"]
"""The two kinds of index that pgvector has; without one a search is exact."""

LONGEST_NAME = 63
"""PostgreSQL cuts longer names in silence, and two tables would become one."""

MOST = {"vector": 16_000, "halfvec": 16_000}
"""The greatest dimension that a column keeps, by its type."""

MOST_INDEXED = {"vector": 2_000, "halfvec": 4_000}
"""The greatest dimension that an index takes, by the column's type."""

_SUFFIX = "_embedding_idx"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The table of one store.

    Attributes:
        table: Its name, as it is; it is quoted, never read as SQL.
        schema: Its schema; None for the first of the search path.
        kind: ``vector`` for 32-bit values, ``halfvec`` for 16-bit ones.
        measure: How vectors are compared.
        index: Which index searches use; None for exact search.
        hnsw_m: Most links of a node of the graph.
        hnsw_ef_construction: How many candidates are looked at when one is added.
        ivfflat_lists: How many lists the vectors are divided into.
        text_search: Configuration of full-text search, such as ``english``; None for none.
        metadata_index: Whether the metadata has an index for equality.

    Raises:
        ConfigurationError: If a name is empty or too long, or a number is out of range.
    """

    table: str
    schema: str | None
    kind: Literal["vector", "halfvec"]
    measure: Measure
    index: IndexMethod | None
    hnsw_m: int = 16
    hnsw_ef_construction: int = 64
    ivfflat_lists: int = 100
    text_search: str | None = None
    metadata_index: bool = False

    def __post_init__(self) -> None:
        for what, name, room in (
            ("table", self.table, LONGEST_NAME - len(_SUFFIX)),
            ("schema", self.schema, LONGEST_NAME),
            ("text_search", self.text_search, 48),
        ):
            if name is not None:
                _check_name(what, name, room)
        _check_range("hnsw_m", self.hnsw_m, 2, 100)
        _check_range("hnsw_ef_construction", self.hnsw_ef_construction, 2 * self.hnsw_m, 1000)
        _check_range("ivfflat_lists", self.ivfflat_lists, 1, 32_768)
        if self.index not in (None, "hnsw", "ivfflat"):
            raise ConfigurationError(f"index={self.index!r} is unknown; use hnsw, ivfflat or None")
        if self.index and self.index not in self.measure.indexes:
            raise ConfigurationError(
                f"pgvector has no {self.index} index for {self.measure.name}; use hnsw or None"
            )

    @property
    def is_half(self) -> bool:
        """Whether vectors are kept in 16 bits a value."""
        return self.kind == "halfvec"

    @cached_property
    def name(self) -> str:
        """The table's name, quoted, for a statement that is executed with parameters."""
        return _quoted(self.table) if self.schema is None else _quoted(self.schema, self.table)

    @cached_property
    def plain_name(self) -> str:
        """The table's name, quoted, as a value to look it up by."""
        return self.name.replace("%%", "%")

    @cached_property
    def schema_name(self) -> str:
        """The schema's name, quoted."""
        return _quoted(self.schema or "public")

    @cached_property
    def words(self) -> str:
        """The name of the column with the words of the text."""
        return f"words_{self.text_search}"

    @cached_property
    def quoted_words(self) -> str:
        """The name of that column, quoted."""
        return _quoted(self.words)

    def index_name(self, suffix: str, *, qualified: bool = False) -> str:
        """The quoted name of an index; where it is made it takes no schema, where dropped it does."""
        name = f"{self.table}_{suffix}_idx"
        return _quoted(self.schema, name) if qualified and self.schema else _quoted(name)

    def check_dimension(self, dimension: int) -> int:
        """The dimension itself, if the column and the index take it.

        Raises:
            ConfigurationError: If it is out of range.
        """
        _check_range("dimension", dimension, 1, MOST[self.kind])
        most = MOST_INDEXED[self.kind]
        if self.index and dimension > most:
            hint = "" if self.kind == "halfvec" else "; halfvec=True doubles that"
            raise ConfigurationError(
                f"pgvector indexes a {self.kind} of at most {most} values, not {dimension}{hint}"
            )
        return dimension


def _check_name(what: str, name: str, room: int) -> None:
    size = len(name.encode("utf-8", "replace"))
    if not name or "\x00" in name or size > room:
        raise ConfigurationError(
            f"{what}={name!r} is no name for PostgreSQL: it must have 1 to {room} bytes, no NUL"
        )


def _check_range(what: str, number: int, least: int, most: int) -> None:
    if not least <= number <= most:
        raise ConfigurationError(f"{what} must be from {least} to {most}, not {number}")


def _quoted(*names: str) -> str:
    from psycopg.sql import Identifier

    # A percent sign would be read as a placeholder.
    return Identifier(*names).as_string().replace("%", "%%")
