"""What every second wall does: rises before a statement, admits it, and is taken down after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .lexing import require_one_query

if TYPE_CHECKING:
    from racto.pipelines.sql_analyst.database.sessions import Session


class Wall:
    """The wall of a database without settings of its own.

    It admits one query at a time and rolls back. What the connected user may do is up to the
    database: SQL Server, Snowflake and BigQuery have no read-only transaction, so there a user
    with the right to read and no other is the wall.
    """

    dialect = ""
    # Without a streaming cursor the driver fetches everything before the first row is seen.
    streams = False
    # Seconds that the database's own timeout has; 0 where it has none and we are the timeout.
    grace_s = 0.0

    def rise(self, session: Session) -> None:
        """Make the transaction read-only and bounded."""

    def admit(self, session: Session, sql: str) -> str:
        """Return the statement to send, or raise."""
        return require_one_query(sql, self.dialect or session.address.family.name)

    def execute(self, session: Session, sql: str) -> Any:
        """Send the statement; return the driver's cursor, from which rows are fetched."""
        return session.start(session.raw.cursor(), sql)

    def fall(self, session: Session) -> None:
        """Roll back, and put the session's settings back as they were."""
        session.raw.rollback()

    def discard(self, session: Session, cursor: Any) -> None:
        """Leave rows that nobody will fetch in the database."""
        cursor.close()

    def interrupter(self, session: Session) -> Callable[[], None] | None:
        """What stops the running statement, called from another thread; None if nothing can."""
        return None
