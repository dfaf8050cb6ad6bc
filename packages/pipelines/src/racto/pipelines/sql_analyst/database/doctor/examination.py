"""The examination of a connection: asks its database what the user may do beside reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .embedded import examine_duckdb, examine_sqlite
from .findings import DoctorReport, Finding
from .mysql import examine_mysql
from .postgres import examine_postgres

if TYPE_CHECKING:
    from racto.pipelines.sql_analyst.database.sessions import Session

_ORDER = {"critical": 0, "warning": 1, "info": 2}
_EXAMINERS = {
    "postgres": examine_postgres,
    "mysql": examine_mysql,
    "sqlite": examine_sqlite,
    "duckdb": examine_duckdb,
}


def examined(session: Session) -> DoctorReport:
    """Examine the database of a session with statements that only read."""
    dialect = session.address.family.name
    examiner = _EXAMINERS.get(dialect)
    if examiner is None:
        return DoctorReport(
            address=str(session.address),
            dialect=dialect,
            user=session.address.username or "",
            findings=(_unknown(dialect),),
            checked=("known-dialect",),
        )
    user, findings, checked = examiner(session)
    return DoctorReport(
        address=str(session.address),
        dialect=dialect,
        user=user,
        findings=tuple(sorted(findings, key=lambda found: _ORDER[found.severity])),
        checked=checked,
    )


def _unknown(dialect: str) -> Finding:
    return Finding(
        severity="warning",
        code="least-privilege-only",
        what=f"{dialect} has no read-only transaction that can be set here, and its privileges "
        "are not examined: what its user may write, a query past the guard could write",
        fix="Connect as a user who may SELECT from the wanted tables and nothing else",
    )
