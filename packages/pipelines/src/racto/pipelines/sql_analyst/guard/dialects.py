"""What sets one database's SQL apart where the guard has to know: names, signs, functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from racto.core.errors import ConfigurationError

from . import catalogues
from .functions import ansi, bigquery, duckdb, mysql, postgresql, snowflake, sqlite, tsql

Folding = Literal["lower", "upper", "exact", "any"]

_ALIASES = {
    "postgres": "postgresql",
    "mariadb": "mysql",
    "sqlite3": "sqlite",
    "mssql": "tsql",
    "sqlserver": "tsql",
    "sql server": "tsql",
}
# SQL Server ends a statement where the next one begins, without a semicolon: these words begin
# one, are reserved, and so are never the alias that they look like (`SELECT 1 SHUTDOWN`).
_TSQL_RESERVED = """
into shutdown checkpoint commit rollback exec execute reconfigure revert kill print raiserror
waitfor dump load backup restore dbcc deny grant revoke drop create alter delete insert merge
truncate declare set goto while deallocate readtext writetext updatetext bulk openrowset openquery
opendatasource openxml use save break continue return begin go proc procedure update throw
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class DialectRules:
    """One database's part of the rules.

    Args:
        name: The guard's name for it.
        parser: The name of its dialect in sqlglot.
        functions: Functions that may be called, in lower case.
        schemas: Matches schemas of the catalogue.
        tables: Matches tables of the catalogue.
        default_schemas: Schemas that a table without one is looked for in.
        folding: What the database does to a name without quotes: to ``"lower"`` or ``"upper"``
            case, nothing (``"exact"``), or it compares without regard to case (``"any"``).
        row_references: A table's alias may stand for its whole row.
        implicit_recursion: A CTE may refer to itself without the word RECURSIVE.
        hash_comments: ``#`` begins a comment.
        slash_comments: ``//`` begins a comment.
        nested_comments: ``/*`` inside a comment opens another.
        reserved: Words that no reading statement holds without quotes.
    """

    name: str
    parser: str
    functions: frozenset[str]
    schemas: re.Pattern[str]
    tables: re.Pattern[str]
    default_schemas: frozenset[str] = frozenset()
    folding: Folding = "any"
    row_references: bool = False
    implicit_recursion: bool = False
    hash_comments: bool = False
    slash_comments: bool = False
    nested_comments: bool = False
    reserved: frozenset[str] = frozenset({"into"})


_FUNCTIONS = {
    "postgresql": postgresql.NAMES,
    "mysql": mysql.NAMES,
    "sqlite": sqlite.NAMES,
    "duckdb": duckdb.NAMES,
    "tsql": tsql.NAMES,
    "bigquery": bigquery.NAMES,
    "snowflake": snowflake.NAMES,
}
_DEFAULT_SCHEMAS = {
    "postgresql": {"public"},
    "sqlite": {"main"},
    "duckdb": {"main"},
    "tsql": {"dbo"},
    "snowflake": {"public"},
}
# DuckDB's UNPIVOT says INTO; there the tree tells it from SELECT ... INTO.
_RESERVED = {"tsql": frozenset(_TSQL_RESERVED.split()), "duckdb": frozenset[str]()}
_FOLDINGS: dict[str, Folding] = {"postgresql": "lower", "snowflake": "upper", "mysql": "exact"}


def rules_of(dialect: str) -> DialectRules:
    """The rules of a database, by any of the names that it goes by.

    Args:
        dialect: ``"postgresql"``, ``"mysql"``, ``"mariadb"``, ``"sqlite"``, ``"duckdb"``,
            ``"tsql"`` (``"mssql"``), ``"bigquery"`` or ``"snowflake"``; a driver after a plus
            sign, as SQLAlchemy writes it, does not matter.

    Raises:
        ConfigurationError: There are no rules for this database.
    """
    # SQLAlchemy's names carry the driver.
    name = dialect.lower().partition("+")[0].strip()
    name = _ALIASES.get(name, name)
    if name not in _FUNCTIONS:
        known = ", ".join(sorted({*_FUNCTIONS, *_ALIASES}))
        raise ConfigurationError(f"no rules for the SQL of {dialect!r}; there are some for {known}")
    return _build(name)


@lru_cache
def _build(name: str) -> DialectRules:
    """The rules under their own name, built once."""
    return DialectRules(
        name=name,
        parser={"postgresql": "postgres"}.get(name, name),
        functions=ansi.NAMES | _FUNCTIONS[name],
        schemas=catalogues.compiled(catalogues.SCHEMAS, name),
        tables=catalogues.compiled(catalogues.TABLES, name),
        default_schemas=frozenset(_DEFAULT_SCHEMAS.get(name, ())),
        folding=_FOLDINGS.get(name, "any"),
        row_references=name in ("postgresql", "duckdb", "bigquery"),
        implicit_recursion=name in ("tsql", "sqlite", "snowflake"),
        hash_comments=name in ("mysql", "bigquery"),
        slash_comments=name == "snowflake",
        nested_comments=name in ("postgresql", "duckdb", "tsql"),
        reserved=_RESERVED.get(name, frozenset({"into"})),
    )
