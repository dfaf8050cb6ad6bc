"""PostgreSQL examined: superusers, memberships, writes, languages, and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .findings import Finding, Severity

if TYPE_CHECKING:
    from racto.pipelines.sql_analyst.database.sessions import Session

_ROLE = """
    SELECT current_user, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
    FROM pg_roles WHERE rolname = current_user
"""
# Roles of the server that open its files and programs, or all data for writing.
_MEMBER = """
    SELECT string_agg(rolname, ', ' ORDER BY rolname) FROM pg_roles
    WHERE rolname IN ('pg_read_server_files', 'pg_write_server_files',
        'pg_execute_server_program', 'pg_write_all_data', 'pg_signal_backend', 'pg_checkpoint',
        'pg_maintain', 'pg_create_subscription')
    AND pg_has_role(current_user, oid, 'MEMBER')
"""
_WRITABLE = """
    SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', '), count(*)
    FROM (SELECT oid, relname, relnamespace FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'f')
          AND has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""
_CREATES = """
    SELECT string_agg(quote_ident(nspname), ', ') FROM pg_namespace
    WHERE nspname !~ '^pg_' AND has_schema_privilege(oid, 'CREATE')
"""
_OWNS = """
    SELECT count(*) FROM pg_class WHERE pg_has_role(current_user, relowner, 'MEMBER')
    AND relkind IN ('r', 'p', 'v', 'm')
"""
# Functions that run with their owner's rights, and that this user may call.
_DEFINERS = """
    SELECT string_agg(DISTINCT p.oid::regprocedure::text, ', ') FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND has_function_privilege(p.oid, 'EXECUTE')
"""
_LANGUAGES = """
    SELECT string_agg(lanname, ', ') FROM pg_language
    WHERE NOT lanpltrusted AND lanname NOT IN ('internal', 'c')
"""
_REACHING = """
    SELECT string_agg(extname, ', ') FROM pg_extension
    WHERE extname IN ('dblink', 'postgres_fdw', 'file_fdw', 'adminpack', 'http', 'pg_net',
        'plsh', 'pg_cron')
"""
_SETTINGS = """
    SELECT current_setting('default_transaction_read_only'),
        (SELECT reset_val FROM pg_settings WHERE name = 'statement_timeout'),
        has_database_privilege(current_database(), 'TEMPORARY'),
        has_database_privilege(current_database(), 'CREATE')
"""


def examine_postgres(session: Session) -> tuple[str, list[Finding], tuple[str, ...]]:
    """The user, what was found, and what was looked at."""
    role = session.ask(_ROLE) or ("", False, False, False, False, False)
    user = str(role[0])
    found = [*_of_role(role), *_of_rights(session, user), *_of_settings(session, user)]
    checked = (
        "superuser", "role-attributes", "server-roles", "write-privileges", "create-on-schema",
        "create-on-database", "owner", "security-definer", "untrusted-language",
        "reaching-extension", "read-only-default", "statement-timeout", "temporary-tables",
    )  # fmt: skip
    return user, found, checked


def _of_role(role: tuple[Any, ...]) -> list[Finding]:
    user, superuser, *others = role
    found = []
    if superuser:
        found.append(
            _finding(
                "critical",
                "superuser",
                f"{user} is a superuser: within a read-only transaction it can still read the "
                "server's files (pg_read_file), write them (lo_export) and run programs (COPY)",
                "Create a role for reading with role_script('postgres', ...) and connect as it",
            )
        )
    names = ("CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS")
    held = [name for name, has in zip(names, others, strict=True) if has]
    if held and not superuser:
        fix = " ".join(f"NO{name}" for name in held)
        found.append(
            _finding(
                "critical",
                "role-attributes",
                f"{user} has {', '.join(held)}",
                f'ALTER ROLE "{user}" {fix};',
            )
        )
    return found


def _of_rights(session: Session, user: str) -> list[Finding]:
    questions: tuple[tuple[Severity, str, str, str, str], ...] = (
        ("critical", "server-roles", _MEMBER, "is a member of {}, and with it reaches files, "
         "programs or other sessions of the server", 'REVOKE {} FROM "{user}";'),
        ("critical", "write-privileges", _WRITABLE, "may write to {}",
         'REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public FROM "{user}";'),
        ("warning", "create-on-schema", _CREATES, "may create tables and functions in {}",
         'REVOKE CREATE ON SCHEMA {} FROM PUBLIC; REVOKE CREATE ON SCHEMA {} FROM "{user}";'),
        ("warning", "security-definer", _DEFINERS, "may call {}, which run with their owner's "
         "rights", 'REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC, "{user}";'),
        ("warning", "untrusted-language", _LANGUAGES, "finds untrusted languages: {}; their "
         "functions reach files and the network", "DROP EXTENSION what nobody needs of: {}"),
        ("warning", "reaching-extension", _REACHING, "finds extensions that reach other servers "
         "or files: {}", "REVOKE EXECUTE on their functions FROM PUBLIC: {}"),
    )  # fmt: skip
    found = []
    for severity, code, question, what, fix in questions:
        told = session.ask(question)
        if told and told[0]:
            names = _short(str(told[0]))
            found.append(
                _finding(
                    severity,
                    code,
                    f"{user} {what.format(names)}",
                    fix.replace("{user}", user).replace("{}", names),
                )
            )
    owns = session.ask(_OWNS)
    if owns and owns[0]:
        found.append(
            _finding(
                "critical",
                "owner",
                f"{user} owns {owns[0]} tables or views, and may alter and drop them",
                "Connect as another role than the one that the application uses",
            )
        )
    return found


def _of_settings(session: Session, user: str) -> list[Finding]:
    told = session.ask(_SETTINGS)
    if told is None:
        return []
    _, timeout, temporary, create = told
    read_only = session.ask(
        "SELECT 1 FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole"
        " WHERE r.rolname = current_user"
        " AND 'default_transaction_read_only=on' = ANY (s.setconfig)"
    )
    found = []
    if not read_only:
        found.append(
            _finding(
                "info",
                "read-only-default",
                f"transactions of {user} are not read-only by default",
                f'ALTER ROLE "{user}" SET default_transaction_read_only = on;',
            )
        )
    if str(timeout) == "0":
        found.append(
            _finding(
                "info",
                "statement-timeout",
                f"statements of {user} have no timeout of their own",
                f"ALTER ROLE \"{user}\" SET statement_timeout = '30s';",
            )
        )
    if temporary:
        found.append(
            _finding(
                "info",
                "temporary-tables",
                f"{user} may create temporary tables, which a read-only transaction allows",
                "REVOKE TEMPORARY ON DATABASE ... FROM PUBLIC;",
            )
        )
    if create:
        found.append(
            _finding(
                "warning",
                "create-on-database",
                f"{user} may create schemas in the database",
                f'REVOKE CREATE ON DATABASE ... FROM PUBLIC, "{user}";',
            )
        )
    return found


def _short(names: str) -> str:
    return names if len(names) <= 200 else f"{names[:200].rpartition(', ')[0]}, ..."


def _finding(severity: Severity, code: str, what: str, fix: str) -> Finding:
    return Finding(severity=severity, code=code, what=what, fix=fix)
