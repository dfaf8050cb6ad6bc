"""Allowed tables and blocked columns hold on what a statement reads, however it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from racto.core.errors import ConfigurationError
from racto.pipelines.errors import ReadOnlyViolationError
from racto.pipelines.sql_analyst.guard import ReadOnlySQLGuard, TableSchema

Schema = Mapping[str, TableSchema | Iterable[str]] | None

SCHEMA: dict[str, TableSchema | Iterable[str]] = {
    "users": ("id", "name", "ssn", "profile"),
    "orders": ("id", "user_id", "total"),
    "user_tails": TableSchema(
        columns=("id", "tail"), definition="SELECT id, substr(ssn, 8) AS tail FROM users"
    ),
    "user_names": TableSchema(
        columns=("id", "name"), definition="SELECT id, name FROM users WHERE ssn IS NOT NULL"
    ),
    "odd_view": TableSchema(columns=("a",), definition="SELECT oops("),
}


def refusal(guard: ReadOnlySQLGuard, sql: str) -> str:
    """The rule that refuses a statement; empty when it passes."""
    try:
        guard.check(sql)
    except ReadOnlyViolationError as error:
        return error.rule
    return ""


TABLES_ALLOWED = [
    "SELECT * FROM users",
    "SELECT * FROM public.users",
    "SELECT * FROM USERS u JOIN sales.orders o ON o.id = u.id",
    "WITH secret AS (SELECT 1 AS a) SELECT * FROM secret",
    "WITH a AS (SELECT * FROM users), b AS (SELECT * FROM a) SELECT * FROM b JOIN a USING (id)",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r",
    "SELECT * FROM (SELECT * FROM users) AS secret",
    "SELECT * FROM generate_series(1, 3) AS secret(n)",
    "SELECT * FROM users, LATERAL (SELECT users.id) AS l",
    "SELECT * FROM (VALUES (1)) AS v(a)",
]
TABLES_REFUSED = [
    "SELECT * FROM secret",
    "SELECT * FROM other.users",
    "SELECT * FROM orders",
    'SELECT * FROM "USERS"',
    "SELECT * FROM users JOIN secret ON true",
    "SELECT * FROM users, secret",
    "SELECT (SELECT max(a) FROM secret) FROM users",
    "SELECT 1 FROM users WHERE EXISTS (SELECT 1 FROM secret)",
    "SELECT 1 FROM users ORDER BY (SELECT 1 FROM secret)",
    "SELECT 1 FROM users LIMIT (SELECT 1 FROM secret)",
    "SELECT 1 FROM users GROUP BY (SELECT 1 FROM secret)",
    "SELECT 1 FROM users HAVING (SELECT 1 FROM secret) = 1",
    "SELECT 1 FROM users JOIN users u ON (SELECT 1 FROM secret) = 1",
    "SELECT sum(1) OVER (ORDER BY (SELECT 1 FROM secret)) FROM users",
    "SELECT count(*) FILTER (WHERE EXISTS (SELECT 1 FROM secret)) FROM users",
    "SELECT 1 FROM users UNION SELECT 1 FROM secret",
    "WITH secret AS (SELECT * FROM secret) SELECT * FROM secret",
    'WITH "SECRET" AS (SELECT 1) SELECT * FROM secret',
    'WITH secret AS (SELECT 1) SELECT * FROM "SECRET"',
    "WITH secret AS (SELECT 1) SELECT * FROM public.secret",
    "WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a",
    "SELECT * FROM (WITH secret AS (SELECT 1) SELECT * FROM secret) t, secret",
    "SELECT * FROM users CROSS JOIN LATERAL (SELECT * FROM secret) t",
    "SELECT * FROM (users CROSS JOIN secret)",
    "SELECT ARRAY(SELECT a FROM secret)",
    "SELECT CASE WHEN true THEN (SELECT 1 FROM secret) END",
    "SELECT 1 IN (SELECT a FROM secret)",
    "VALUES ((SELECT a FROM secret))",
    "TABLE secret",
    "SELECT DISTINCT ON ((SELECT 1 FROM secret)) id FROM users",
    "SELECT * FROM generate_series(1, (SELECT max(a) FROM secret))",
    "SELECT * FROM ONLY secret",
    "SELECT * FROM secret TABLESAMPLE SYSTEM (10)",
    "(SELECT * FROM users) UNION ALL (SELECT * FROM secret ORDER BY 1)",
]


@pytest.mark.parametrize("sql", TABLES_ALLOWED, ids=range(len(TABLES_ALLOWED)))
def test_allowed_tables_and_what_is_made_of_them_pass(sql: str) -> None:
    assert (
        refusal(ReadOnlySQLGuard("postgresql", allowed_tables=["users", "sales.orders"]), sql) == ""
    )


@pytest.mark.parametrize("sql", TABLES_REFUSED, ids=range(len(TABLES_REFUSED)))
def test_other_tables_are_refused_wherever_they_stand(sql: str) -> None:
    guard = ReadOnlySQLGuard("postgresql", allowed_tables=["users", "sales.orders"])
    assert refusal(guard, sql) == "table"


@pytest.mark.parametrize(
    ("dialect", "entry", "sql", "rule"),
    [
        ("mysql", "orders", "SELECT * FROM `orders`", ""),
        ("mysql", "shop.orders", "SELECT * FROM shop.orders", ""),
        ("mysql", "orders", "SELECT * FROM other.orders", "table"),
        ("mysql", "users", "WITH SECRET AS (SELECT 1) SELECT * FROM secret", "table"),
        ("sqlite", "orders", "SELECT * FROM main.orders", ""),
        ("sqlite", "orders", "SELECT * FROM temp.orders", "table"),
        ("sqlite", "orders", "SELECT * FROM 'secret'", "table"),
        ("sqlite", "orders", "WITH T AS (SELECT 1) SELECT * FROM t", ""),
        ("duckdb", "orders", "FROM orders", ""),
        ("duckdb", "orders", "FROM secret", "table"),
        ("duckdb", "orders", "PIVOT secret ON a USING sum(b)", "table"),
        ("tsql", "orders", "SELECT * FROM [dbo].[Orders]", ""),
        ("tsql", "dbo.orders", "SELECT * FROM orders", ""),
        ("tsql", "orders", "SELECT * FROM audit.orders", "table"),
        ("tsql", "orders", "SELECT * FROM orders o CROSS APPLY (SELECT * FROM secret) s", "table"),
        ("bigquery", "shop.orders", "SELECT * FROM `my-project.shop.orders`", "table"),
        ("bigquery", "my-project.shop.orders", "SELECT * FROM `my-project.shop.orders`", ""),
        ("bigquery", "my-project.shop.orders", "SELECT * FROM `my-project`.shop.orders", ""),
        ("bigquery", "shop.orders", "SELECT * FROM shop.orders AS o, o.items AS i", ""),
        ("bigquery", "shop.orders", "SELECT * FROM shop.orders AS o, secret.items AS i", "table"),
        ("bigquery", "shop.events", "SELECT * FROM `shop.event*`", "table"),
        ("snowflake", "orders", "SELECT * FROM ORDERS", ""),
        ("snowflake", "ORDERS", 'SELECT * FROM "ORDERS"', ""),
        ("snowflake", "orders", "SELECT * FROM other.orders", "table"),
        ("snowflake", "orders", "WITH s AS (SELECT * FROM s) SELECT * FROM s", "table"),
    ],
    ids=range(25),
)
def test_names_of_tables_are_compared_as_the_database_does(
    dialect: str, entry: str, sql: str, rule: str
) -> None:
    assert refusal(ReadOnlySQLGuard(dialect, allowed_tables=[entry]), sql) == rule


COLUMNS_REFUSED = [
    "SELECT ssn FROM users",
    "SELECT SSN FROM users",
    'SELECT "ssn" FROM users',
    "SELECT u.ssn AS name FROM users u",
    "SELECT users.ssn FROM users",
    "SELECT public.users.ssn FROM public.users",
    "SELECT upper(ssn) FROM users",
    "SELECT name || ssn FROM users",
    "SELECT count(ssn) FROM users",
    "SELECT count(DISTINCT ssn) FROM users",
    "SELECT CASE WHEN ssn = '1' THEN 1 END FROM users",
    "SELECT name FROM users WHERE ssn LIKE '1%'",
    "SELECT name FROM users ORDER BY ssn",
    "SELECT count(*) FROM users GROUP BY ssn",
    "SELECT count(*) FROM users HAVING max(ssn) > '1'",
    "SELECT row_number() OVER (ORDER BY ssn) FROM users",
    "SELECT row_number() OVER w FROM users WINDOW w AS (PARTITION BY ssn)",
    "SELECT count(*) FILTER (WHERE ssn > '1') FROM users",
    "SELECT DISTINCT ON (ssn) name FROM users",
    "SELECT o.id FROM orders o JOIN users u ON u.ssn = '1'",
    "SELECT o.id FROM orders o JOIN users USING (ssn)",
    "SELECT * FROM users",
    "SELECT u.* FROM users u",
    "SELECT users.* FROM orders, users",
    "SELECT users FROM users",
    "SELECT u FROM users u",
    "SELECT count(u) FROM users u",
    "SELECT row_to_json(u) FROM users u",
    "SELECT to_jsonb(users) FROM users",
    "SELECT u::text FROM users u",
    "SELECT (u).ssn FROM users u",
    "SELECT (u).* FROM users u",
    "SELECT array_agg(u) FROM users u",
    "SELECT x FROM (SELECT ssn AS x FROM users) t",
    "SELECT * FROM (SELECT * FROM users) t",
    "SELECT name FROM (SELECT * FROM users) t",
    "WITH c AS (SELECT ssn FROM users) SELECT 1 FROM c",
    "WITH c(a, b) AS (SELECT id, ssn FROM users) SELECT b FROM c",
    "SELECT c FROM users AS t(a, b, c)",
    "SELECT (SELECT ssn FROM users LIMIT 1)",
    "SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM users WHERE ssn = '1')",
    "SELECT id FROM orders WHERE id IN (SELECT length(ssn) FROM users)",
    "SELECT id FROM users u WHERE EXISTS (SELECT 1 FROM orders WHERE u.ssn = '1')",
    "SELECT id FROM users WHERE EXISTS (SELECT 1 FROM orders WHERE ssn = '1')",
    "SELECT id FROM orders UNION SELECT ssn FROM users",
    "SELECT id FROM orders EXCEPT SELECT ssn FROM users",
    "SELECT l.x FROM users u, LATERAL (SELECT u.ssn AS x) l",
    "SELECT * FROM users u, unnest(string_to_array(u.ssn, '-')) AS p",
    "SELECT id FROM orders ORDER BY (SELECT max(ssn) FROM users)",
    "SELECT id FROM orders LIMIT (SELECT length(max(ssn)) FROM users)",
    "TABLE users",
    "VALUES ((SELECT max(ssn) FROM users))",
    "SELECT string_agg(name, ',' ORDER BY ssn) FROM users",
    "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY ssn) FROM users",
    "SELECT ARRAY(SELECT ssn FROM users)",
    "SELECT 'x' AS ssn, name FROM users WHERE ssn = 'x'",
    "WITH RECURSIVE r AS (SELECT id, ssn FROM users UNION ALL SELECT id, ssn FROM r WHERE id < 1) SELECT id FROM r",
    "SELECT date_trunc('day', now(), ssn) FROM users",
    "SELECT * FROM (users u JOIN orders o ON o.user_id = u.id)",
    "SELECT * FROM (users u JOIN orders o ON o.user_id = u.id) AS j",
]
COLUMNS_ALLOWED = [
    "SELECT id, name FROM users",
    "SELECT count(*) FROM users",
    "SELECT u.name FROM users u ORDER BY u.name",
    "SELECT 'ssn' FROM users",
    "SELECT name AS ssn_count FROM users",
    "SELECT 'x' AS ssn FROM orders ORDER BY ssn",
    "SELECT c.ssn FROM (SELECT 'x' AS ssn) c",
    "WITH c AS (SELECT id, name FROM users) SELECT * FROM c",
    "WITH c AS (SELECT id, name AS ssn FROM users) SELECT ssn FROM c",
    "SELECT u.name, o.total FROM users u JOIN orders o ON o.user_id = u.id",
    "SELECT u.name FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id)",
    "SELECT o.* FROM orders o JOIN users u ON u.id = o.user_id",
    "SELECT name FROM users UNION SELECT 'ssn'",
    "SELECT t.* FROM (SELECT id FROM users) t",
]


@pytest.mark.parametrize("schema", [None, SCHEMA], ids=["open", "known"])
@pytest.mark.parametrize("sql", COLUMNS_REFUSED, ids=range(len(COLUMNS_REFUSED)))
def test_a_blocked_column_is_read_in_no_way(sql: str, schema: Schema) -> None:
    guard = ReadOnlySQLGuard("postgresql", blocked_columns=["users.ssn"], schema=schema)
    assert refusal(guard, sql) in {"column", "syntax"}


@pytest.mark.parametrize("schema", [None, SCHEMA], ids=["open", "known"])
@pytest.mark.parametrize("sql", COLUMNS_ALLOWED, ids=range(len(COLUMNS_ALLOWED)))
def test_other_columns_are_free(sql: str, schema: Schema) -> None:
    guard = ReadOnlySQLGuard("postgresql", blocked_columns=["users.ssn"], schema=schema)
    assert refusal(guard, sql) == ""


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("SELECT * FROM orders", ""),
        ("SELECT o.total FROM orders o NATURAL JOIN users", ""),
        ("SELECT name FROM user_names", ""),
        ("SELECT * FROM user_names", ""),
        ("SELECT tail FROM user_tails", "column"),
        ("SELECT id FROM user_tails WHERE tail = '1'", "column"),
        ("SELECT * FROM user_tails", "column"),
        ("SELECT id FROM user_tails", ""),
        ("SELECT a FROM odd_view", "column"),
        ("SELECT b FROM users AS t(a, b, c)", ""),
        ("SELECT c FROM users AS t(a, b, c)", "column"),
    ],
    ids=range(11),
)
def test_a_schema_resolves_stars_and_views(sql: str, rule: str) -> None:
    columns = {"users": ["ssn"]}
    guard = ReadOnlySQLGuard("postgresql", blocked_columns=columns, schema=SCHEMA)
    assert refusal(guard, sql) == rule


@pytest.mark.parametrize(
    ("dialect", "sql", "rule"),
    [
        ("duckdb", "SELECT * EXCLUDE (ssn) FROM users", ""),
        ("duckdb", "SELECT * EXCLUDE (name) FROM users", "column"),
        ("duckdb", "SELECT * REPLACE ('x' AS ssn) FROM users", ""),
        ("duckdb", "SELECT * REPLACE (upper(ssn) AS name) FROM users", "column"),
        ("duckdb", "SELECT COLUMNS('s.*') FROM users", "column"),
        ("duckdb", "SELECT COLUMNS(*) FROM users", "column"),
        ("duckdb", "SELECT max(COLUMNS(* EXCLUDE (ssn))) FROM users", ""),
        ("duckdb", "SELECT #3 FROM users", "column"),
        ("duckdb", "SELECT users FROM users", "column"),
        ("duckdb", "PIVOT users ON name USING count(*)", "column"),
        ("duckdb", "UNPIVOT users ON name INTO NAME a VALUE b", "column"),
        ("duckdb", "FROM users", "column"),
        ("duckdb", "FROM users SELECT name", ""),
        ("duckdb", "SELECT u.ssn.upper() FROM users u", "column"),
        ("duckdb", "SELECT [x.ssn for x in list(users)] FROM users", "column"),
        ("duckdb", "SELECT list_transform([1], x -> ssn) FROM users", "column"),
        ("duckdb", "SELECT struct_extract(u, 'ssn') FROM users u", "column"),
        ("bigquery", "SELECT * EXCEPT (ssn) FROM shop.users", ""),
        ("bigquery", "SELECT TO_JSON_STRING(u) FROM shop.users u", "column"),
        ("bigquery", "SELECT AS STRUCT u.* FROM shop.users u", "column"),
        ("bigquery", "SELECT u.ssn FROM shop.users u", "column"),
        ("bigquery", "FROM shop.users |> SELECT ssn", "column"),
        ("bigquery", "FROM shop.users |> AGGREGATE COUNT(*) AS n GROUP BY name", ""),
        ("snowflake", "SELECT OBJECT_CONSTRUCT(*) FROM users", "column"),
        ("snowflake", "SELECT * EXCLUDE ssn FROM users", ""),
        ("snowflake", "SELECT * ILIKE 's%' FROM users", "column"),
        ("snowflake", "SELECT $3 FROM users", "column"),
        ("snowflake", "SELECT t.$3 FROM users t", "column"),
        ("mysql", "SELECT `ssn` FROM users", "column"),
        ("mysql", "SELECT śsn FROM users", "column"),
        ("mysql", "SELECT `ssn ` FROM users", "column"),
        ("mysql", "SELECT ſsn FROM users", "column"),
        ("tsql", "SELECT [ssn] FROM users", "column"),
        ("tsql", "SELECT x = ssn FROM users", "column"),
        ("tsql", "SELECT u.name FROM users u FOR JSON PATH", ""),
        ("tsql", "SELECT * FROM users FOR JSON AUTO", "column"),
        ("tsql", "SELECT p.a FROM users PIVOT (COUNT(id) FOR ssn IN ([a])) AS p", "column"),
        ("sqlite", "SELECT rowid, name FROM users", ""),
        ("sqlite", "SELECT name FROM users WHERE [ssn] = 1", "column"),
        ("sqlite", "SELECT name FROM users INDEXED BY ssn", ""),
    ],
    ids=range(40),
)
def test_each_dialect_has_its_own_ways_to_read_a_column(dialect: str, sql: str, rule: str) -> None:
    assert refusal(ReadOnlySQLGuard(dialect, blocked_columns=["users.ssn"]), sql) == rule


def test_a_name_without_a_table_is_blocked_in_every_table() -> None:
    guard = ReadOnlySQLGuard("bigquery", blocked_columns=["ssn"])
    assert refusal(guard, "SELECT ssn FROM shop.x") == "column"
    assert refusal(guard, "SELECT person.ssn FROM shop.x") == "column"
    assert refusal(guard, "SELECT * FROM shop.x") == "column"
    assert refusal(guard, "SELECT people[OFFSET(0)].ssn FROM shop.x") == "column"
    assert refusal(guard, "SELECT name FROM shop.x") == ""


def test_a_whole_table_can_be_blocked() -> None:
    guard = ReadOnlySQLGuard("postgresql", blocked_columns=["users.*"])
    assert refusal(guard, "SELECT name FROM users") == "column"
    assert refusal(guard, "SELECT count(*) FROM users") == ""


def test_functions_of_ones_own_must_be_named() -> None:
    guard = ReadOnlySQLGuard("postgresql", allowed_functions=["margin", "sales.Rebate"])
    for sql in ("SELECT margin(1)", "SELECT MARGIN(1)", "SELECT sales.rebate(1)"):
        assert refusal(guard, sql) == ""
    for sql in ("SELECT rebate(1)", "SELECT other.rebate(1)", "SELECT sales.margin(1)"):
        assert refusal(guard, sql) == "function"


@pytest.mark.parametrize("dialect", ["oracle", "", "post gres"])
def test_an_unknown_dialect_is_an_error_of_configuration(dialect: str) -> None:
    with pytest.raises(ConfigurationError, match="postgresql"):
        ReadOnlySQLGuard(dialect)


@pytest.mark.parametrize(
    "dialect", ["postgres", "PostgreSQL+psycopg", "mssql+pyodbc", "sqlite+aiosqlite", "mariadb"]
)
def test_dialects_go_by_the_names_that_are_in_use(dialect: str) -> None:
    assert ReadOnlySQLGuard(dialect).check("SELECT 1") == "SELECT 1"


def test_one_name_is_no_list_of_names() -> None:
    with pytest.raises(ConfigurationError):
        ReadOnlySQLGuard("sqlite", allowed_tables="users")
    with pytest.raises(ConfigurationError):
        ReadOnlySQLGuard("sqlite", blocked_columns="ssn")
    with pytest.raises(ConfigurationError):
        ReadOnlySQLGuard("sqlite", allowed_tables=["a..b"])
