"""DuckDB's wall: one SELECT by its own parser, in a read-only transaction, without files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from racto.pipelines.errors import QueryError, ReadOnlyViolationError

from .lexing import require_one_query
from .wall import Wall

if TYPE_CHECKING:
    from racto.pipelines.sql_analyst.database.sessions import Session

# Functions in FROM that make rows out of their arguments; every other one reaches somewhere.
_ROW_MAKERS = {"range", "generate_series", "unnest", "json_each", "json_tree", "repeat_row"}
_ROW_MAKERS |= {"summary", "regexp_split_to_table", "repeat", "generate_subscripts"}
_OUTSIDE = {"getenv", "getvariable", "nextval", "currval", "setseed", "write_log"}


class DuckDBWall(Wall):
    """A read-only transaction for one SELECT.

    What is opened here is read-only, may touch no file but its own, and is locked so. An engine
    that was handed in keeps its settings; there DuckDB's parser tells which tables and functions
    a query names, and what is no table of the catalogue is refused.
    """

    dialect = "duckdb"
    streams = True

    def rise(self, session: Session) -> None:
        """Open the read-only transaction."""
        session.ask("BEGIN TRANSACTION READ ONLY")

    def admit(self, session: Session, sql: str) -> str:
        """Admit what DuckDB's own parser takes for one SELECT that reads tables of the catalogue."""
        wanted = require_one_query(sql, self.dialect)
        try:
            found = session.raw.extract_statements(wanted)
        except Exception as error:
            raise QueryError(f"{session.address} does not understand the query: {error}") from error
        kinds = [str(statement.type).rpartition(".")[2] for statement in found]
        if kinds != ["SELECT"]:
            raise _refusal(" and ".join(kinds) or "nothing", "only one SELECT may run")
        _check_tree(session, wanted)
        return wanted

    def execute(self, session: Session, sql: str) -> Any:
        """Send the query; results of DuckDB stream by themselves."""
        # A cursor of duckdb_engine: closing what execute() itself returns closes the connection.
        return session.start(session.raw.cursor(), sql)

    def fall(self, session: Session) -> None:
        """Roll back, whether or not DuckDB has given up the transaction."""
        session.raw.rollback()

    def discard(self, session: Session, cursor: Any) -> None:
        """The rollback drops the rest of a result: DuckDB has no cursor to close."""

    def interrupter(self, session: Session) -> Callable[[], None] | None:
        """DuckDB's own interrupt, which may be called from any thread."""
        interrupt: Callable[[], None] = session.raw.interrupt
        return interrupt


def _check_tree(session: Session, sql: str) -> None:
    """Refuse table functions and names that DuckDB would look for outside of the catalogue."""
    quoted = sql.replace("'", "''")
    told = session.ask(f"SELECT json_serialize_sql('{quoted}')")
    tree = json.loads(told[0]) if told else {}
    if tree.get("error"):
        raise _refusal(str(tree.get("error_message", "a query")), "DuckDB cannot take it apart")
    known = _catalogue(session)
    nodes = list(_nodes(tree))
    local = {str(entry["key"]).casefold() for node in nodes for entry in _ctes(node)}
    for node in nodes:
        kind = node.get("type")
        if kind == "BASE_TABLE":
            name = str(node.get("table_name", ""))
            if name.casefold() not in known | local:
                raise _absence(name)
        elif kind == "TABLE_FUNCTION":
            name = str((node.get("function") or {}).get("function_name", ""))
            if name.casefold() not in _ROW_MAKERS:
                raise _refusal(f"{name}()", "only functions that make rows may stand in FROM")
        elif kind == "FUNCTION" and str(node.get("function_name", "")).casefold() in _OUTSIDE:
            raise _refusal(f"{node['function_name']}()", "it reaches outside of the query")


def _absence(name: str) -> Exception:
    # A name like that is a file or an address to DuckDB; a plain one may just be misspelt.
    if re.search(r"[/.:*?\\]", name):
        return _refusal(name, "there is no table or view of this name in the database")
    return QueryError(f"DuckDB refused the query: there is no table or view {name!r}")


def _catalogue(session: Session) -> set[str]:
    cursor = session.raw.execute(
        "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views()"
    )
    return {str(name).casefold() for (name,) in cursor.fetchall()}


def _ctes(node: dict[str, Any]) -> list[dict[str, Any]]:
    held = node.get("cte_map")
    return list(held.get("map") or ()) if isinstance(held, dict) else []


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    # A stack in place of recursion: a query may nest deeper than Python's own stack.
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _refusal(part: str, why: str) -> ReadOnlyViolationError:
    return ReadOnlyViolationError(
        f"DuckDB is not asked: {part!r} was found, and {why}", part=part, rule="wall"
    )
