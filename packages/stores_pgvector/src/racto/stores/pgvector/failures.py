"""The one place where errors of psycopg and PostgreSQL become racto's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from racto.core.errors import (
    APIConnectionError,
    ConfigurationError,
    OverloadedError,
    PermissionDeniedError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    StoreError,
)

PROVIDER = "postgresql"
"""The name of the server in errors."""

NO_EXTENSION = (
    "this PostgreSQL server has no extension `vector`: install pgvector 0.8 or later on the "
    "server (https://github.com/pgvector/pgvector), then connect again"
)
NOT_ALLOWED = (
    "the extension `vector` is not in this database, and this role may not create it: let an "
    "administrator run CREATE EXTENSION vector in it, then connect again"
)
_KINDS: tuple[tuple[str, type[RactoGatewayError], str], ...] = (
    ("57014", RactoGatewayTimeoutError, "the statement took longer than statement_timeout allows"),
    ("55P03", RactoGatewayTimeoutError, "a lock was not given up in time"),
    ("28", RactoGatewayAuthError, "the server refused this user or password"),
    ("42501", PermissionDeniedError, "this role lacks a privilege"),
    ("25006", PermissionDeniedError, "the server takes no writes; is it a replica?"),
    ("3D000", ConfigurationError, "the database in the DSN does not exist"),
    ("3F000", ConfigurationError, "the schema does not exist"),
    ("53300", OverloadedError, "the server has no connection left; make pool_size smaller"),
    ("53", StoreError, "the server is out of disk space or memory; nothing of this was stored"),
    ("40", OverloadedError, "another transaction was in the way; try again"),
    ("57P", APIConnectionError, "the server is shutting down or ended the connection"),
    ("08", APIConnectionError, "the connection to the server broke"),
    ("54000", ConfigurationError, "the index does not take vectors that long"),
)
_REFUSALS: tuple[tuple[str, type[RactoGatewayError], str], ...] = (
    ("role ", RactoGatewayAuthError, "the server does not know this user, or not for logging in"),
    ("authentication failed", RactoGatewayAuthError, "the server refused this user or password"),
    ("pg_hba.conf", RactoGatewayAuthError, "the server takes no such connection from here"),
    ("database ", ConfigurationError, "the server refuses the database in the DSN"),
    ("too many", OverloadedError, "the server has no connection left; make pool_size smaller"),
    (
        "connection slots",
        OverloadedError,
        "the server has no connection left; make pool_size smaller",
    ),
)


@contextmanager
def translating(what: str) -> Iterator[None]:
    """Turn psycopg's errors into racto's.

    Args:
        what: What is being worked on, to begin the message with.
    """
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise translated(error, what) from error


def translated(error: Any, what: str) -> RactoGatewayError:
    """racto's error for one of psycopg's; the server's own words are kept."""
    import psycopg

    state = error.sqlstate or ""
    said = str(error).strip().partition("\n")[0]
    if state == "0A000" and "extension" in said:
        return ConfigurationError(f"{what}: {NO_EXTENSION} ({said})", provider=PROVIDER)
    for start, kind, meaning in _KINDS:
        if state.startswith(start):
            return kind(f"{what}: {meaning} ({said})", provider=PROVIDER)
    # A refusal to connect comes without its state, and with the server's words alone.
    for words, kind, meaning in _REFUSALS:
        if "FATAL" in said and words in said:
            return kind(f"{what}: {meaning} ({said})", provider=PROVIDER)
    # Without a state the server has not spoken: it is not there, or went away.
    if not state and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return APIConnectionError(
            f"{what}: the server cannot be reached, or the connection broke ({said})",
            provider=PROVIDER,
        )
    return StoreError(f"{what}: {said}", provider=PROVIDER)


def is_missing_table(error: BaseException | None) -> bool:
    """Whether an error says that the table, or its schema, is gone."""
    return getattr(error, "sqlstate", None) in ("42P01", "3F000")
