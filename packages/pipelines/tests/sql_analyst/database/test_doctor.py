"""The doctor finds what a user could do beside reading, and our own roles pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy

from racto.core.errors import ConfigurationError, UnsupportedFeatureError
from racto.pipelines.sql_analyst.database import Database, role_script

from .conftest import PASSWORD, Shop


async def test_the_role_of_our_script_is_safe(database: Database) -> None:
    report = database.examine()
    assert report.is_safe, report.findings
    assert await database.aexamine() == report
    assert report.checked
    assert PASSWORD not in repr(report)


def test_a_superuser_is_reported(postgres_shop: Shop, opened: Callable[..., Database]) -> None:
    report = opened(postgres_shop.owner).examine()
    assert not report.is_safe
    codes = {finding.code for finding in report.findings}
    assert {"superuser", "write-privileges", "owner"} <= codes
    assert report.findings[0].severity == "critical"
    assert all(finding.fix for finding in report.findings)


def test_an_administrator_is_reported(mysql_shop: Shop, opened: Callable[..., Database]) -> None:
    report = opened(mysql_shop.owner).examine()
    codes = {finding.code for finding in report.findings}
    assert "reaching-privileges" in codes
    assert not report.is_safe


def test_every_kind_of_right_is_found(postgres_shop: Shop, opened: Callable[..., Database]) -> None:
    import psycopg

    from racto.pipelines.sql_analyst.database import read_address

    role = str(read_address(postgres_shop.reader).username)
    made = (
        f"GRANT pg_read_server_files TO {role}",
        f"GRANT INSERT ON orders TO {role}",
        f"GRANT CREATE ON SCHEMA public TO {role}",
        f"ALTER ROLE {role} CREATEDB",
        "CREATE FUNCTION danger() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    )
    undone = (
        f"REVOKE pg_read_server_files FROM {role}",
        f"REVOKE INSERT ON orders FROM {role}",
        f"REVOKE CREATE ON SCHEMA public FROM {role}",
        f"ALTER ROLE {role} NOCREATEDB",
        "DROP FUNCTION danger()",
    )
    with psycopg.connect(postgres_shop.owner, autocommit=True) as link:
        for statement in made:
            link.execute(statement.encode())
    try:
        report = opened(postgres_shop.reader).examine()
    finally:
        with psycopg.connect(postgres_shop.owner, autocommit=True) as link:
            for statement in undone:
                link.execute(statement.encode())
    codes = {finding.code for finding in report.findings}
    wanted = {"server-roles", "write-privileges", "create-on-schema", "role-attributes"}
    assert wanted | {"security-definer"} <= codes


def test_an_open_duckdb_is_reported(duckdb_shop: Shop, opened: Callable[..., Database]) -> None:
    engine = sqlalchemy.create_engine(f"duckdb:///{duckdb_shop.path}")
    report = opened(engine).examine()
    codes = {finding.code for finding in report.findings}
    assert {"external-access", "configuration-unlocked", "opened-for-writing"} <= codes
    assert not report.is_safe
    engine.dispose()


def test_files_that_may_be_written_are_told(
    sqlite_shop: Shop, opened: Callable[..., Database]
) -> None:
    codes = {finding.code for finding in opened(sqlite_shop.reader).examine().findings}
    assert "file-writable" in codes


@pytest.mark.parametrize(
    "dialect", ["postgres", "mysql", "mariadb", "tsql", "snowflake", "bigquery"]
)
@pytest.mark.parametrize("tables", [None, ("orders", "customers")])
def test_scripts_grant_reading_and_nothing_else(
    dialect: str, tables: tuple[str, ...] | None
) -> None:
    database = "project.dataset" if dialect == "bigquery" else "shop"
    text = role_script(dialect, role="reader", database=database, tables=tables)
    granted = [line for line in text.splitlines() if line.startswith("GRANT")]
    assert granted
    assert not any(
        word in line.upper()
        for line in granted
        for word in ("INSERT", "UPDATE", "ALL PRIV", "OWNER")
    )
    assert tables is None or all(name in text for name in tables)
    assert text.count("<a long random password>") <= 1


def test_scripts_are_not_made_of_strange_names() -> None:
    with pytest.raises(ConfigurationError):
        role_script("postgres", role='x"; DROP ROLE postgres; --')
    with pytest.raises(UnsupportedFeatureError, match="no users"):
        role_script("sqlite")
