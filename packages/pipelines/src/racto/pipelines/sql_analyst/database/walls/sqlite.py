"""SQLite's wall: a file opened for reading, an authorizer, a clock, and limits on one value."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .functions import HARMLESS
from .lexing import require_one_query
from .wall import Wall

if TYPE_CHECKING:
    from racto.pipelines.sql_analyst.database.policies import AccessPolicy
    from racto.pipelines.sql_analyst.database.sessions import Session

# Steps of SQLite's machine between two looks at the clock: well under a millisecond.
_STEPS = 20_000
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE}
_Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


class SQLiteWall(Wall):
    """``mode=ro`` where the file is opened here, and an authorizer on every connection.

    Everything but SELECT, reading columns, recursion and harmless functions is refused while a
    statement is compiled: writes, ATTACH, PRAGMA, extensions. Blocked columns and tables that the
    policy does not allow are refused in the same place.
    """

    dialect = "sqlite"
    streams = True
    grace_s = 2.0

    def rise(self, session: Session) -> None:
        """Set the clock, and on a statement that is not our own the authorizer and limits."""
        _call(session, "set_progress_handler", _clock(session), _STEPS)
        if session.trusted:
            return
        found = session.ask("PRAGMA query_only")
        session.notes["query_only"] = bool(found and found[0])
        session.ask("PRAGMA query_only = ON")
        session.notes["limits"] = _bound(session.raw, session.limits.memory_bytes)
        # Last: it refuses every PRAGMA, ours too.
        _call(session, "set_authorizer", authorizer(session.policy))

    def admit(self, session: Session, sql: str) -> str:
        """Admit one query; the authorizer judges what is in it."""
        return require_one_query(sql, self.dialect)

    def execute(self, session: Session, sql: str) -> Any:
        """Compile and start the query."""
        cursor = session.raw.cursor(server_side=True) if session.is_async else session.raw.cursor()
        return session.start(cursor, sql)

    def fall(self, session: Session) -> None:
        """Roll back, and leave the connection as it was handed in."""
        _call(session, "set_authorizer", None)
        _call(session, "set_progress_handler", None, 0)
        session.raw.rollback()
        for limit, value in session.notes.get("limits", ()):
            session.raw.setlimit(limit, value)
        if session.notes.get("query_only") is False:
            session.ask("PRAGMA query_only = OFF")

    def interrupter(self, session: Session) -> Callable[[], None] | None:
        """The library's own interrupt, which may be called from any thread."""
        raw: Any = session.raw
        if session.is_async:
            return lambda: raw.run_async(lambda driver: driver.interrupt())
        interrupt: Callable[[], None] = raw.interrupt
        return interrupt


def authorizer(policy: AccessPolicy | None) -> _Authorizer:
    """A function that lets SQLite compile harmless queries within a policy, and nothing else.

    Args:
        policy: Its blocked columns are refused, and tables that it does not allow.
    """

    def judge(
        action: int, first: str | None, second: str | None, _: str | None, via: str | None
    ) -> int:
        if action == sqlite3.SQLITE_FUNCTION:
            allowed = (second or "").lower() in HARMLESS
        elif action == sqlite3.SQLITE_READ:
            allowed = policy is None or _readable(policy, first or "", second or "", via)
        else:
            allowed = action in _ALLOWED
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    return judge


def _readable(policy: AccessPolicy, table: str, column: str, via: str | None) -> bool:
    if policy.blocks(table, column):
        return False
    # What a view reads is the view's right; SQLite names it, and nothing for an empty table name.
    return not table or policy.allows(table) or (via is not None and policy.allows(via))


def _clock(session: Session) -> Callable[[], int]:
    def late() -> int:
        # Anything but 0 makes SQLite stop with "interrupted".
        return int(time.monotonic() > session.deadline)

    return late


def _bound(raw: Any, memory_bytes: int) -> list[tuple[int, int]]:
    """Bound the length of one value; returns what was in force before."""
    if not hasattr(raw, "setlimit") or not memory_bytes:
        return []
    wanted = ((sqlite3.SQLITE_LIMIT_LENGTH, memory_bytes), (sqlite3.SQLITE_LIMIT_ATTACHED, 0))
    return [(limit, raw.setlimit(limit, value)) for limit, value in wanted]


def _call(session: Session, method: str, *args: Any) -> None:
    raw: Any = session.raw
    if not session.is_async:
        getattr(raw, method)(*args)
        return
    # aiosqlite's connection lives in a thread of its own and offers the same methods there.
    raw.run_async(lambda driver: getattr(driver, method)(*args))
