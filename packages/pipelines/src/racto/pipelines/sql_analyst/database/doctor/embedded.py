"""Files examined: whether SQLite's and DuckDB's can be written, and what DuckDB may reach."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .findings import Finding

if TYPE_CHECKING:
    from racto.pipelines.sql_analyst.database.sessions import Session


def examine_sqlite(session: Session) -> tuple[str, list[Finding], tuple[str, ...]]:
    """No user, what was found, and what was looked at."""
    found = _of_file(_main_file(session))
    attached = _attached(session)
    if attached:
        found.append(
            Finding(
                severity="warning",
                code="attached",
                what=f"further databases are attached: {', '.join(attached)}",
                fix="Open the one database alone",
            )
        )
    return "", found, ("file-writable", "folder-writable", "attached")


def examine_duckdb(session: Session) -> tuple[str, list[Finding], tuple[str, ...]]:
    """No user, what was found, and what was looked at."""
    database = session.address.database
    found = _of_file("" if session.address.in_memory else database or "")
    external = session.ask("SELECT current_setting('enable_external_access')")
    if external and external[0] in (True, "true"):
        found.append(
            Finding(
                severity="critical",
                code="external-access",
                what="DuckDB may read and write files, load extensions and use the network",
                fix="Open it with config={'enable_external_access': 'false'}, or hand over a "
                "connection string, which is opened that way",
            )
        )
    locked = session.ask("SELECT current_setting('lock_configuration')")
    if locked and locked[0] not in (True, "true"):
        found.append(
            Finding(
                severity="warning",
                code="configuration-unlocked",
                what="a statement could change DuckDB's settings",
                fix="Open it with config={'lock_configuration': 'true'}",
            )
        )
    mode = session.ask("SELECT current_setting('access_mode')")
    if mode and str(mode[0]).lower() != "read_only" and not session.address.in_memory:
        found.append(
            Finding(
                severity="warning",
                code="opened-for-writing",
                what="the file is open for writing; a read-only transaction is all that holds",
                fix="Open it with read_only=True, or hand over a connection string",
            )
        )
    checked = ("file-writable", "external-access", "configuration-unlocked", "opened-for-writing")
    return "", found, checked


def _of_file(path: str) -> list[Finding]:
    file = Path(path)
    if not path or not file.is_file():
        return []
    found = []
    if os.access(file, os.W_OK):
        found.append(
            Finding(
                severity="info",
                code="file-writable",
                what=f"this process may write {file}; the connection opens it for reading only",
                fix=f"chmod a-w {file}, or run as a user who may not write it",
            )
        )
    if os.access(file.parent, os.W_OK):
        found.append(
            Finding(
                severity="info",
                code="folder-writable",
                what=f"this process may write beside {file}",
                fix="Keep the database in a folder that this user may only read",
            )
        )
    return found


def _main_file(session: Session) -> str:
    for _, name, file in _databases(session):
        if name == "main":
            return file or ""
    return ""


def _attached(session: Session) -> list[str]:
    return [name for _, name, _ in _databases(session) if name not in ("main", "temp")]


def _databases(session: Session) -> list[tuple[int, str, str]]:
    cursor = session.raw.cursor()
    cursor.execute("PRAGMA database_list")
    rows: list[tuple[int, str, str]] = [tuple(row) for row in cursor.fetchall()]
    cursor.close()
    return rows
