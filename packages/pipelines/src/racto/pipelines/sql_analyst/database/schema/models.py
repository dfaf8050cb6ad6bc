"""A database's tables as data: columns, keys, indexes, comments, counts and samples."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaOptions:
    """What to reflect beside tables, columns and keys.

    Args:
        schemas: Schemas to read; None reads the default one.
        include_views: Whether views are read too.
        include_indexes: Whether indexes are read.
        include_row_counts: Whether rows are counted: the database's own estimate where it has
            one, else a count that stops at ``count_limit``.
        include_samples: Whether sample values are read; never of masked or blocked columns.
        sample_limit: Most distinct sample values a column.
        count_limit: Rows after which a count stops, and reads ``100000+``.
    """

    schemas: tuple[str, ...] | None = None
    include_views: bool = True
    include_indexes: bool = True
    include_row_counts: bool = False
    include_samples: bool = False
    sample_limit: int = 8
    count_limit: int = 100_000

    @property
    def digest(self) -> str:
        """Equal for the same options."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnInfo:
    """One column: its name, the database's type, and what is known of it."""

    name: str
    type: str
    nullable: bool = True
    default: str = ""
    comment: str = ""
    samples: tuple[str, ...] = ()
    masked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeignKeyInfo:
    """A foreign key: columns that point at those of another table."""

    columns: tuple[str, ...]
    table: str
    target_columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexInfo:
    """One index of a table: its name, its columns in order, and whether it is unique."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TableInfo:
    """One table or view.

    Args:
        name: Its name.
        schema: Its schema; "" for the default one.
        columns: Its columns, in order, without blocked ones.
        primary_key: Names of the key's columns.
        foreign_keys: Where it points.
        indexes: Its indexes.
        comment: From the documentation handed in, else from the database.
        row_count: Rows, counted or estimated; None when nobody asked.
        row_count_is_exact: Whether it was counted to the end.
        is_view: Whether it is a view.
        definition: A view's query, for the guard; it is not part of the prompt.
    """

    name: str
    schema: str = ""
    columns: tuple[ColumnInfo, ...] = ()
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKeyInfo, ...] = ()
    indexes: tuple[IndexInfo, ...] = ()
    comment: str = ""
    row_count: int | None = None
    row_count_is_exact: bool = False
    is_view: bool = False
    definition: str = field(default="", repr=False)

    @property
    def full_name(self) -> str:
        """``schema.table``, or ``table`` in the default schema."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseSchema:
    """The tables and views that one policy shows.

    Args:
        dialect: What sqlglot calls the database.
        tables: Tables and views, by name.
        default_schema: What a name without a schema stands for; "" where there are none.
        hidden_views: Definitions of views that the policy does not show, by full name; the
            guard needs them to resolve a view over a view.
        hidden_columns: Columns that the policy blocks, by full name of their table; for the
            guard alone, never for a prompt.
        hidden_tables: Columns of the tables and views that the policy does not allow, by full
            name, in order; the guard resolves a view over them, and no prompt shows them.
    """

    dialect: str
    tables: tuple[TableInfo, ...] = ()
    default_schema: str = ""
    hidden_views: Mapping[str, str] = field(default_factory=dict, repr=False)
    hidden_columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    hidden_tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def table(self, name: str) -> TableInfo | None:
        """The table or view of a name, with or without its schema, whatever its case."""
        wanted = name.casefold()
        default = f"{self.default_schema}.".casefold()
        for entry in self.tables:
            if entry.full_name.casefold() in (wanted, wanted.removeprefix(default)):
                return entry
        return None

    def column_types(self) -> dict[str, dict[str, str]]:
        """Types of all columns by table's full name, as sqlglot's ``qualify`` takes them."""
        return {
            entry.full_name: {column.name: column.type for column in entry.columns}
            for entry in self.tables
        }

    def view_definitions(self) -> dict[str, str]:
        """The query of each view, hidden ones included, by full name."""
        shown = {t.full_name: t.definition for t in self.tables if t.is_view and t.definition}
        return {**self.hidden_views, **shown}
