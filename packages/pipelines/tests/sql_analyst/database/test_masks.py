"""Guard and database together: a masked value stays hidden behind every name it can be given."""

from __future__ import annotations

import pytest

from racto.pipelines.errors import ReadOnlyViolationError
from racto.pipelines.sql_analyst.database import MASKED, AccessPolicy, Database
from racto.pipelines.sql_analyst.guard import ReadOnlySQLGuard, TableSchema

from .seeding import CUSTOMERS

POLICY = AccessPolicy(mask_columns=("customers.ssn",), blocked_columns=("customers.email",))
SECRETS = {row[3] for row in CUSTOMERS} | {row[3].replace("-", "") for row in CUSTOMERS}


@pytest.fixture
def guard(database: Database) -> ReadOnlySQLGuard:
    schema = database.describe()
    views = schema.view_definitions()
    known = {
        table.full_name: TableSchema(
            columns=tuple(column.name for column in table.columns),
            definition=views.get(table.full_name, ""),
        )
        for table in schema.tables
    }
    return ReadOnlySQLGuard(database.dialect, blocked_columns=POLICY.blocked_columns, schema=known)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT ssn FROM customers",
        "SELECT ssn AS city, city AS ssn FROM customers",
        "SELECT c.ssn AS x FROM customers c",
        "SELECT upper(replace(ssn, '-', '')) AS x FROM customers",
        "SELECT x.s FROM (SELECT ssn AS s FROM customers) x",
        "WITH a AS (SELECT ssn AS s FROM customers), b AS (SELECT s AS t FROM a) SELECT t FROM b",
        "SELECT * FROM buyers",
        "SELECT number AS n FROM buyers",
        "SELECT b.* FROM buyers b",
        "SELECT city FROM customers UNION SELECT ssn FROM customers",
        "SELECT max(ssn) AS m FROM customers",
        "SELECT CASE WHEN id = 1 THEN ssn ELSE 'x' END AS m FROM customers",
        "SELECT (SELECT max(ssn) FROM customers) AS m FROM orders",
    ],
)
async def test_a_masked_value_never_shows(
    sql: str, database: Database, guard: ReadOnlySQLGuard
) -> None:
    verdict = guard.inspect(sql)
    rows = await database.aquery(verdict.sql, policy=POLICY, masked=POLICY.enforce(verdict))
    values = {str(value) for row in rows.frame.rows() for value in row}
    assert not values & SECRETS
    assert MASKED in values


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM customers WHERE ssn LIKE '123%'",
        "SELECT id FROM customers ORDER BY ssn",
        "SELECT count(*) AS n FROM customers GROUP BY ssn",
        "SELECT count(*) AS n FROM customers GROUP BY id HAVING max(ssn) > '5'",
        "SELECT a.id FROM customers a JOIN customers b ON a.ssn = b.ssn",
        "SELECT id FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE ssn > '5')",
        "SELECT buyer FROM buyers WHERE number = '123-45-6789'",
    ],
)
def test_a_masked_value_cannot_be_guessed(
    sql: str, database: Database, guard: ReadOnlySQLGuard
) -> None:
    with pytest.raises(ReadOnlyViolationError, match="stands in a condition"):
        POLICY.enforce(guard.inspect(sql))


def test_blocked_columns_are_refused(guard: ReadOnlySQLGuard) -> None:
    for sql in ("SELECT email FROM customers", "SELECT * FROM customers"):
        with pytest.raises(ReadOnlyViolationError):
            guard.inspect(sql)
