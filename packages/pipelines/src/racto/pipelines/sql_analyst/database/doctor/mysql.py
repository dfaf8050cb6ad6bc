"""MySQL and MariaDB examined: FILE, SUPER and their kin, writes, and settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .findings import Finding

if TYPE_CHECKING:
    from racto.pipelines.sql_analyst.database.sessions import Session

_READS = {"USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES", "PROXY"}
_REACHING = {
    "ALL PRIVILEGES", "FILE", "SUPER", "SHUTDOWN", "RELOAD", "PROCESS", "CREATE USER",
    "REPLICATION SLAVE", "REPLICATION SLAVE ADMIN", "SYSTEM_VARIABLES_ADMIN", "SET USER",
    "CONNECTION ADMIN", "CONNECTION_ADMIN", "BINLOG ADMIN", "READ_ONLY ADMIN", "GRANT OPTION",
}  # fmt: skip
_GRANT = re.compile(r"GRANT (?P<rights>.+?) ON (?P<what>.+?) TO ", re.IGNORECASE)


def examine_mysql(session: Session) -> tuple[str, list[Finding], tuple[str, ...]]:
    """The user, what was found, and what was looked at."""
    user = str((session.ask("SELECT CURRENT_USER()") or ("",))[0])
    grants = _grants(session)
    found = []
    reaching = sorted({right for rights, _ in grants for right in rights if right in _REACHING})
    if reaching:
        found.append(
            Finding(
                severity="critical",
                code="reaching-privileges",
                what=f"{user} has {', '.join(reaching)}: with FILE a query reads and writes the "
                "server's files, and the others reach past every database",
                fix="Create a user for reading with role_script('mysql', ...) and connect as it",
            )
        )
    writing = sorted({f"{right} on {what}" for rights, what in grants for right in rights
                      if right not in _READS | _REACHING})  # fmt: skip
    if writing:
        found.append(
            Finding(
                severity="critical",
                code="write-privileges",
                what=f"{user} may do more than read: {', '.join(writing)[:300]}",
                fix=f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {user}; then GRANT SELECT on what "
                "may be read",
            )
        )
    found += _of_settings(session, reaching)
    checked = ("reaching-privileges", "write-privileges", "secure-file-priv", "local-infile")
    return user, found, checked


def _grants(session: Session) -> list[tuple[set[str], str]]:
    cursor = session.raw.cursor()
    cursor.execute("SHOW GRANTS")
    lines = [str(row[0]) for row in cursor.fetchall()]
    cursor.close()
    found = []
    for line in lines:
        told = _GRANT.match(line)
        if told is None:
            continue
        # Rights on single columns, SELECT (a, b), hold commas of their own.
        rights = re.sub(r"\s*\([^)]*\)", "", told["rights"])
        names = {right.strip().upper() for right in rights.split(",")}
        if line.upper().endswith("WITH GRANT OPTION"):
            names.add("GRANT OPTION")
        found.append((names, told["what"]))
    return found


def _of_settings(session: Session, reaching: list[str]) -> list[Finding]:
    told = session.ask("SELECT @@secure_file_priv, @@local_infile")
    found = []
    dialect: Any = session.conn.dialect
    # NULL closes every file in MySQL; in MariaDB it means that nothing was set.
    unbounded = ("", None) if dialect.is_mariadb else ("",)
    if told and told[0] in unbounded and {"FILE", "ALL PRIVILEGES"} & set(reaching):
        found.append(
            Finding(
                severity="warning",
                code="secure-file-priv",
                what="secure_file_priv is not set: FILE reaches every file of the server",
                fix="Set secure_file_priv to a folder, or to NULL, in the server's configuration",
            )
        )
    if told and told[1]:
        found.append(
            Finding(
                severity="info",
                code="local-infile",
                what="the server takes LOAD DATA LOCAL; connections made here do not offer it",
                fix="Set local_infile = OFF in the server's configuration",
            )
        )
    return found
