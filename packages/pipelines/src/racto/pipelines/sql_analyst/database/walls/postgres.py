"""PostgreSQL's wall: a read-only transaction, its timeouts, and a cursor that takes only queries."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .lexing import require_one_query
from .wall import Wall

if TYPE_CHECKING:
    from racto.pipelines.sql_analyst.database.sessions import Session

# A read-only transaction lets a superuser call these, and each reaches outside of it. A user
# without such rights is the wall; this is the wire before it.
_OUTSIDE = re.compile(
    r"\b(?:pg_(?:read_|ls_|stat_file|write_|file_|logdir|terminate_backend|cancel_backend"
    r"|reload_conf|rotate_logfile|switch_wal|create_restore_point|backup_|start_backup"
    r"|stop_backup|promote|wal_replay|logical_|replication_|create_\w*slot|drop_\w*slot"
    r"|current_logfile|notify|import_system|extension_config|advisory|try_advisory)\w*"
    r"|lo_\w+|loread|lowrite|dblink\w*|(?:query|table|cursor|schema|database)_to_xml\w*|set_config"
    r"|setval|nextval|brin_summarize\w*|gin_clean\w*)\s*\("
    r"|\bU\s*&",
    re.IGNORECASE,
)
_SETTINGS = (
    "SELECT set_config('statement_timeout', '{statement}', true),"
    " set_config('lock_timeout', '{lock}', true),"
    " set_config('idle_in_transaction_session_timeout', '{idle}', true),"
    # The guard reads '\\' as one character, so the server has to as well.
    " set_config('standard_conforming_strings', 'on', true),"
    " set_config('datestyle', 'ISO', true)"
)


class PostgresWall(Wall):
    """A read-only transaction that ends in a rollback.

    The statement runs as ``DECLARE ... CURSOR FOR``, which takes a SELECT or VALUES and nothing
    else, over the extended protocol, which takes one statement; so COPY, DO, COMMIT and writing
    CTEs are syntax errors in the server itself.
    """

    dialect = "postgres"
    streams = True
    grace_s = 2.0

    def rise(self, session: Session) -> None:
        """Open the read-only transaction; an engine in autocommit leaves it for this session."""
        session.conn.execution_options(isolation_level="READ COMMITTED", postgresql_readonly=True)
        limits = session.limits
        session.ask(
            _SETTINGS.format(
                statement=int(limits.timeout_s * 1000) or 1,
                lock=int(limits.lock_timeout_s * 1000) or 1,
                idle=int((limits.timeout_s + 60) * 1000),
            )
        )

    def admit(self, session: Session, sql: str) -> str:
        """Admit one query that calls nothing known to reach outside of its transaction."""
        return require_one_query(sql, self.dialect, forbidden=_OUTSIDE)

    def execute(self, session: Session, sql: str) -> Any:
        """Declare a cursor for the query and return it."""
        cursor = _streaming(session)
        _keep_as_text(cursor)
        return session.start(cursor, sql)

    def fall(self, session: Session) -> None:
        """Roll back; locks that outlive a transaction are let go too."""
        session.raw.rollback()
        if not session.trusted:
            session.ask("SELECT pg_advisory_unlock_all()")
            session.raw.rollback()

    def interrupter(self, session: Session) -> Callable[[], None] | None:
        """A cancel request over a connection of its own; an async driver sends it itself."""
        raw = session.raw
        cancel = getattr(raw, "cancel_safe", None) or getattr(raw, "cancel", None)
        return None if session.is_async else cancel


def _streaming(session: Session) -> Any:
    driver = session.conn.dialect.driver
    if driver.startswith("psycopg"):
        return session.raw.cursor("racto")
    if session.is_async:
        return session.raw.cursor(server_side=True)
    return session.raw.cursor()


def _keep_as_text(cursor: Any) -> None:
    """Leave values as the server wrote them: a dict made of JSON loses digits and order."""
    adapters = getattr(getattr(cursor, "_cursor", cursor), "adapters", None)
    if adapters is None:
        return
    text = adapters.get_loader(25, 0)
    # Numbers and dates too: Polars reads text faster than Python makes objects of it, and knows
    # what to do with infinity.
    for name in ("json", "jsonb", "numeric", "date", "timestamp", "timestamptz"):
        adapters.register_loader(name, text)
