"""MySQL's and MariaDB's wall: a read-only transaction, its timeouts, and settings put back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .lexing import require_one_query
from .wall import Wall

if TYPE_CHECKING:
    from racto.pipelines.sql_analyst.database.sessions import Session

# INTO is reserved, so in a query it always writes: to a file, or to a variable.
_OUTSIDE = re.compile(
    r"\bINTO\b|\b(?:LOAD_FILE|GET_LOCK|RELEASE_LOCK|RELEASE_ALL_LOCKS"
    r"|MASTER_POS_WAIT|MASTER_GTID_WAIT|SOURCE_POS_WAIT|WAIT_FOR_EXECUTED_GTID_SET"
    r"|WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS|NEXTVAL|SETVAL|SYS_EXEC|SYS_EVAL)\s*\("
    r"|\bNEXT\s+VALUE\s+FOR\b|\bPREVIOUS\s+VALUE\s+FOR\b|:=",
    re.IGNORECASE,
)
# Modes that change how a statement is read: the guard has read it without them.
_READS_OTHERWISE = {
    *("ANSI", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "ORACLE", "MSSQL", "DB2", "POSTGRESQL"),
    *("MAXDB", "PIPES_AS_CONCAT", "IGNORE_SPACE", "HIGH_NOT_PRECEDENCE"),
}


class MySQLWall(Wall):
    """A read-only transaction that ends in a rollback.

    A user with the privilege FILE can read and write files from within one, so the statement is
    searched for INTO and LOAD_FILE as well.
    """

    dialect = "mysql"
    streams = True
    grace_s = 2.0

    def rise(self, session: Session) -> None:
        """Note the session's settings, set our own, and open the read-only transaction."""
        limits = session.limits
        lock = max(1, round(limits.lock_timeout_s))
        wanted: dict[str, Any] = {"lock_wait_timeout": lock, "innodb_lock_wait_timeout": lock}
        if _is_mariadb(session):
            wanted["max_statement_time"] = limits.timeout_s
        else:
            wanted["max_execution_time"] = max(1, int(limits.timeout_s * 1000))
        if limits.max_rows and not session.trusted:
            # Saves the server work it would throw away; the count of fetched rows is the limit.
            wanted["sql_select_limit"] = limits.max_rows + 1
        names = [*wanted, "sql_mode"]
        found = session.ask("SELECT " + ", ".join(f"@@session.{name}" for name in names))
        before = dict(zip(names, found or (), strict=True))
        modes = [m for m in str(before["sql_mode"]).split(",") if m not in _READS_OTHERWISE]
        wanted["sql_mode"] = ",".join(modes)
        # Noted before they are changed: whatever happens, the session gets them back.
        session.notes["before"] = before
        session.ask(f"SET {_assignments(wanted)}")
        session.ask("START TRANSACTION READ ONLY")

    def admit(self, session: Session, sql: str) -> str:
        """Admit one query that neither writes INTO anything nor waits."""
        return require_one_query(sql, self.dialect, forbidden=_OUTSIDE)

    def execute(self, session: Session, sql: str) -> Any:
        """Send the query; rows stay on the server's side of the socket until they are fetched."""
        return session.start(_streaming(session), sql)

    def discard(self, session: Session, cursor: Any) -> None:
        """Stop the statement first: closing the cursor reads whatever it still would send."""
        kill = session.kill
        if kill is not None:
            kill(_thread_id(session))
        # The killed statement ends in an error in place of its last row.
        session.drop(cursor)

    def fall(self, session: Session) -> None:
        """Roll back, and put the settings back."""
        session.raw.rollback()
        before = session.notes.get("before")
        if before:
            session.ask(f"SET {_assignments(before)}")

    def interrupter(self, session: Session) -> Callable[[], None] | None:
        """KILL QUERY over a second connection."""
        kill, number = session.kill, _thread_id(session)
        return None if kill is None else lambda: kill(number)


def _is_mariadb(session: Session) -> bool:
    dialect: Any = session.conn.dialect
    return bool(dialect.is_mariadb)


def _thread_id(session: Session) -> int:
    driver: Any = session.conn.connection.driver_connection
    return int(driver.thread_id())


def _streaming(session: Session) -> Any:
    if session.is_async:
        return session.raw.cursor(server_side=True)
    stream = getattr(session.conn.dialect, "_sscursor", None)
    return session.raw.cursor() if stream is None else session.raw.cursor(stream)


def _assignments(settings: dict[str, Any]) -> str:
    return ", ".join(f"@@session.{name} = {_literal(value)}" for name, value in settings.items())


def _literal(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)
