"""The SQL that makes a user who may read the wanted tables and do nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from racto.core.errors import ConfigurationError, UnsupportedFeatureError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_PLACEHOLDER = "<a long random password>"


def role_script(
    dialect: str,
    *,
    role: str = "racto_reader",
    database: str = "shop",
    schema: str = "public",
    tables: Sequence[str] | None = None,
    timeout_s: int = 30,
) -> str:
    """Write the SQL that an administrator runs once; it holds a placeholder for the password.

    Args:
        dialect: ``postgres``, ``mysql`` (also for MariaDB), ``tsql``, ``snowflake`` or
            ``bigquery``; SQLite and DuckDB have no users, there the file's mode is the role.
        role: Name of the user to make.
        database: The database, or BigQuery's project and dataset, ``project.dataset``.
        schema: The schema; MySQL has none.
        tables: Tables and views that it may read; None lets it read all of the schema.
        timeout_s: Seconds after which its statements end by themselves.

    Raises:
        ConfigurationError: If a name holds anything but letters, digits and underscores.
        UnsupportedFeatureError: If the database has no users.
    """
    for name in (role, schema, *database.split("."), *(tables or ())):
        if not _NAME.fullmatch(name.replace("-", "_")):
            raise ConfigurationError(f"{name!r} is no plain name; write this script by hand")
    writers = {
        "postgres": _postgres,
        "mysql": _mysql,
        "tsql": _tsql,
        "snowflake": _snowflake,
        "bigquery": _bigquery,
    }
    writer = writers.get({"mariadb": "mysql", "mssql": "tsql"}.get(dialect, dialect))
    if writer is None:
        raise UnsupportedFeatureError(
            f"{dialect} has no users of its own; make its file read-only (chmod a-w) and let the "
            "process run as a user who does not own it",
            feature="role_script",
        )
    return writer(role, database, schema, tuple(tables or ()), timeout_s)


def _postgres(role: str, database: str, schema: str, tables: tuple[str, ...], seconds: int) -> str:
    named = ", ".join(f'"{schema}"."{table}"' for table in tables)
    what = named or f'ALL TABLES IN SCHEMA "{schema}"'
    lines = [
        f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{_PLACEHOLDER}'",
        "  NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT"
        " CONNECTION LIMIT 20;",
        f'ALTER ROLE "{role}" SET default_transaction_read_only = on;',
        f"ALTER ROLE \"{role}\" SET statement_timeout = '{seconds}s';",
        f"ALTER ROLE \"{role}\" SET lock_timeout = '5s';",
        f"ALTER ROLE \"{role}\" SET idle_in_transaction_session_timeout = '{seconds + 60}s';",
        "-- These two take rights from everybody; new databases of PostgreSQL 15 lack the first.",
        f'REVOKE CREATE ON SCHEMA "{schema}" FROM PUBLIC;',
        f'REVOKE TEMPORARY ON DATABASE "{database}" FROM PUBLIC;',
        f'GRANT CONNECT ON DATABASE "{database}" TO "{role}";',
        f'GRANT USAGE ON SCHEMA "{schema}" TO "{role}";',
        f'GRANT SELECT ON {what} TO "{role}";',
    ]
    if not tables:
        lines.append(
            f'ALTER DEFAULT PRIVILEGES IN SCHEMA "{schema}" GRANT SELECT ON TABLES TO "{role}";'
        )
    return "\n".join(lines) + "\n"


def _mysql(role: str, database: str, schema: str, tables: tuple[str, ...], seconds: int) -> str:
    places = [f"`{database}`.`{table}`" for table in tables] or [f"`{database}`.*"]
    lines = [
        f"CREATE USER '{role}'@'%' IDENTIFIED BY '{_PLACEHOLDER}' WITH MAX_USER_CONNECTIONS 20;",
        *(f"GRANT SELECT, SHOW VIEW ON {place} TO '{role}'@'%';" for place in places),
        f"-- MariaDB can end its statements by itself: ALTER USER '{role}'@'%'"
        f" WITH MAX_STATEMENT_TIME {seconds};",
    ]
    return "\n".join(lines) + "\n"


def _tsql(role: str, database: str, schema: str, tables: tuple[str, ...], seconds: int) -> str:
    places = [f"OBJECT::[{schema}].[{t}]" for t in tables] or [f"SCHEMA::[{schema}]"]
    lines = [
        f"CREATE LOGIN [{role}] WITH PASSWORD = '{_PLACEHOLDER}', CHECK_POLICY = ON;",
        f"USE [{database}];",
        f"CREATE USER [{role}] FOR LOGIN [{role}];",
        *(f"GRANT SELECT ON {place} TO [{role}];" for place in places),
        f"DENY INSERT, UPDATE, DELETE, EXECUTE, ALTER ON SCHEMA::[{schema}] TO [{role}];",
        "-- SQL Server has no read-only transaction and no statement timeout of a user: these",
        f"-- rights are the wall, and Resource Governor may bound {seconds} s of CPU.",
    ]
    return "\n".join(lines) + "\n"


def _snowflake(role: str, database: str, schema: str, tables: tuple[str, ...], seconds: int) -> str:
    place = f"{database}.{schema}"
    granted = [f"GRANT SELECT ON TABLE {place}.{table} TO ROLE {role};" for table in tables] or [
        f"GRANT SELECT ON ALL TABLES IN SCHEMA {place} TO ROLE {role};",
        f"GRANT SELECT ON ALL VIEWS IN SCHEMA {place} TO ROLE {role};",
    ]
    lines = [
        f"CREATE ROLE {role};",
        f"CREATE USER {role}_user PASSWORD = '{_PLACEHOLDER}' DEFAULT_ROLE = {role}",
        f"  STATEMENT_TIMEOUT_IN_SECONDS = {seconds};",
        f"GRANT ROLE {role} TO USER {role}_user;",
        f"GRANT USAGE ON DATABASE {database} TO ROLE {role};",
        f"GRANT USAGE ON SCHEMA {place} TO ROLE {role};",
        *granted,
        f"-- And a warehouse of its own: GRANT USAGE ON WAREHOUSE ... TO ROLE {role};",
    ]
    return "\n".join(lines) + "\n"


def _bigquery(role: str, database: str, schema: str, tables: tuple[str, ...], seconds: int) -> str:
    account = f"serviceAccount:{role.replace('_', '-')}@<project>.iam.gserviceaccount.com"
    places = [f"TABLE `{database}.{table}`" for table in tables] or [f"SCHEMA `{database}`"]
    lines = [f'GRANT `roles/bigquery.dataViewer` ON {p} TO "{account}";' for p in places]
    lines += [
        "-- To run queries it also needs roles/bigquery.jobUser on the project; set a quota of",
        f"-- bytes a day there. BigQuery ends a job after {seconds} s only when the job says so.",
    ]
    return "\n".join(lines) + "\n"
