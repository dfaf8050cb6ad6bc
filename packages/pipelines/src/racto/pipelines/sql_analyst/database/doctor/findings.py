"""What an examination of a connection found: each danger, how bad it is, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "warning", "info"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that the connected user can do beside reading.

    Args:
        severity: ``critical`` when a single statement past the guard could write, or reach the
            server's files or programs; ``warning`` when it could hurt; ``info`` to know.
        code: A short name that stays the same, such as ``superuser``.
        what: What was found, and what could come of it.
        fix: What to do, as SQL where there is some.
    """

    severity: Severity
    code: str
    what: str
    fix: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DoctorReport:
    """Everything that an examination found.

    Args:
        address: The database, without credentials.
        dialect: What sqlglot calls it.
        user: The connected user; "" where the database has none.
        findings: The worst first.
        checked: Codes of what was looked at, whether found or not.
    """

    address: str
    dialect: str
    user: str = ""
    findings: tuple[Finding, ...] = ()
    checked: tuple[str, ...] = ()

    @property
    def is_safe(self) -> bool:
        """Whether nothing critical was found."""
        return all(finding.severity != "critical" for finding in self.findings)
