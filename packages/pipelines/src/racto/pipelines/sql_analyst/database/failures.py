"""What goes wrong with a database, told without credentials: the border to drivers' errors."""

from __future__ import annotations

from racto.core.secrets import redact
from racto.pipelines.errors import QueryError, QueryLimitError, ReadOnlyViolationError


class DatabaseConnectionError(QueryError):
    """The database cannot be reached, or does not let this user in; names host and port."""


# SQLSTATE classes and codes of PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html
_WRITES = {"25006", "25007"}
_STOPPED = {"57014", "55P03", "25P03", "25P04"}
# SQLite and DuckDB have no codes that tell.
_REFUSALS = ("not authorized", "access to ", "attempt to write a readonly database",
             "prohibited", "read-only mode", "transaction is launched in read-only")  # fmt: skip
_LOST = ("08", "57P", "28", "3D", "53300")
# Numbers of MySQL and MariaDB: stopped by time, by KILL QUERY, by a lock's timeout.
_MY_STOPPED = {1317, 1969, 3024, 1205, 1028}
_MY_WRITES = {1792, 1290}
_MY_LOST = {1040, 1044, 1045, 1049, 1129, 1130, 1203, 1226, 2002, 2003, 2005, 2006, 2013, 2055}


def translate(
    error: Exception, *, where: str, password: str | None, connecting: bool
) -> QueryError | ReadOnlyViolationError:
    """Turn a driver's or SQLAlchemy's error into one of ours.

    Args:
        error: What was raised.
        where: The database, as an address without credentials.
        password: Taken out of the driver's message, should it be there.
        connecting: Whether no connection was there yet.

    Returns:
        The error to raise from it.
    """
    # SQLAlchemy wraps the driver's error, and appends the statement to its own message.
    cause = getattr(error, "orig", None) or error
    text = clean(str(cause).strip() or type(cause).__name__, password)
    code = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None) or ""
    number = cause.args[0] if cause.args and isinstance(cause.args[0], int) else 0
    if connecting or number in _MY_LOST or code.startswith(_LOST) or _dropped(cause):
        return DatabaseConnectionError(f"{where} cannot be used: {text}")
    if code in _STOPPED or number in _MY_STOPPED:
        return QueryLimitError(f"{where} stopped the query: {text}")
    if code in _WRITES or number in _MY_WRITES or any(sign in text for sign in _REFUSALS):
        return ReadOnlyViolationError(f"{where} refused the statement: {text}", rule="database")
    return QueryError(f"{where} refused the query: {text}")


def clean(text: str, password: str | None) -> str:
    """Take a password, and whatever looks like a credential, out of a text."""
    # A password of one letter cannot be told from the text around it.
    if password and len(password) > 2:
        text = text.replace(password, "***")
    return redact(text)


def _dropped(cause: BaseException) -> bool:
    text = str(cause).lower()
    return isinstance(cause, ConnectionError) or any(
        sign in text
        for sign in (
            "server closed the connection",
            "connection is closed",
            "the connection is lost",
            "terminating connection",
            "lost connection",
        )
    )
