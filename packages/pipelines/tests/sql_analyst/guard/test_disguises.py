"""Names that look like statements pass as names, and statements that look like names do not."""

from __future__ import annotations

import logging

import pytest

from racto.pipelines.errors import ReadOnlyViolationError
from racto.pipelines.sql_analyst.guard import ReadOnlySQLGuard

NAMES = [
    (
        "postgresql",
        "SELECT count(*) AS count, date AS date, name AS value FROM events_log GROUP BY date, name",
    ),
    (
        "postgresql",
        "SELECT type, status, comment, role, level, key, value, year, month FROM things WHERE type = 'x' AND level > 2",
    ),
    ("mysql", "SELECT status, comment, type, date, time, timestamp, year FROM things"),
    ("sqlite", "SELECT type, key, action, plan, query, desc1, temp FROM things"),
    ("duckdb", "SELECT year, month, day, type, comment, role FROM things"),
    ("tsql", "SELECT status, type, date, year, value, comment, level FROM things"),
    ("bigquery", "SELECT date, type, status, language, value, `hash` FROM a.things"),
    (
        "snowflake",
        "SELECT date, type, status, value, comment, role, level, stage, region FROM things",
    ),
    ("postgresql", 'SELECT start_time, end_time, "end", begin, lock, action FROM shifts'),
    ("mysql", "SELECT `lock`, begin, end, action, data FROM shifts"),
    ("postgresql", "SELECT release, notify, listen, load, import FROM tasks"),
    ("tsql", "SELECT r.[Load], s.[save] FROM readings r CROSS JOIN sites s"),
    ("postgresql", "SELECT o.user, u.id FROM orders o JOIN users u ON u.id=o.user"),
    ("duckdb", "SELECT name, show FROM listings"),
    ("postgresql", "SELECT id FROM update_log WHERE action IN ('INSERT','UPDATE','DELETE')"),
    ("snowflake", "SELECT id FROM events WHERE payload:user:id::int = 1"),
    ("bigquery", "SELECT user_id, event.name FROM `p.d.events_20240101`"),
    (
        "mysql",
        "SELECT a.id FROM a JOIN b ON a.id=b.id AND b.deleted=0 WHERE a.ts >= NOW() - INTERVAL 1 WEEK",
    ),
    (
        "postgresql",
        "SELECT ts::date AS d, count(*) FROM logins WHERE ts > current_date - 7 GROUP BY ts::date",
    ),
    ("sqlite", "SELECT replace(name,'a','b') FROM t WHERE date(ts) > date('now','-1 month')"),
    ("postgresql", "SELECT 1 AS into"),
]
STATEMENTS = [
    ("postgresql", "SELECT * FROM customers c WHERE c.id = 1 AND lo_import('/etc/passwd') > 0"),
    ("postgresql", "SELECT * FROM pg_catalog . pg_class"),
    ("postgresql", 'select * from "information_schema"."tables"'),
    ("mysql", "SELECT * FROM `information_schema`.`tables`"),
    ("mysql", "SELECT 1 FROM dual WHERE 1=1 AND (SELECT 1 FROM (SELECT SLEEP(5))a)"),
    ("mysql", "SELECT extractvalue(1, concat(0x7e, (SELECT version())))"),
    ("mysql", "TABLE mysql.user"),
    ("mysql", "SELECT * FROM t1 WHERE a = 'x' INTO OUTFILE '/x' LINES TERMINATED BY 'y'"),
    ("duckdb", "SELECT * FROM read_csv_auto('x')"),
    ("duckdb", "FROM 'data.db'"),
    ("duckdb", 'SELECT * FROM "/etc/passwd"'),
    ("duckdb", "SELECT * FROM sqlite_scan('a','b')"),
    ("duckdb", "SELECT * FROM customers, 'a.csv'"),
    ("sqlite", "SELECT * FROM pragma_compile_options"),
    ("sqlite", "SELECT writefile('x','y')"),
    ("tsql", "SELECT * FROM sys . tables"),
    ("tsql", "SELECT * FROM [INFORMATION_SCHEMA].[TABLES]"),
    ("tsql", "SELECT * FROM OPENROWSET(BULK N'C:\\x.txt', SINGLE_CLOB) AS x"),
    ("tsql", "SELECT 1; GO"),
    ("tsql", "SELECT 1\nGO\nDROP TABLE x"),
    ("tsql", "SELECT 1 AS x\nDELETE FROM t"),
    ("snowflake", "SELECT * FROM TABLE(SNOWFLAKE.INFORMATION_SCHEMA.QUERY_HISTORY())"),
    ("snowflake", "SELECT SYSTEM$EXPLAIN_PLAN_JSON('x')"),
    ("bigquery", "SELECT * FROM EXTERNAL_QUERY('a', '''DROP''')"),
    ("postgresql", "SELECT * FROM customers WHERE name = 'x' OR 1 = (SELECT 1 FROM pg_sleep(5))"),
    ("postgresql", "SELECT xmlparse(document query_to_xml('x',true,true,''))"),
    ("postgresql", "SELECT json_agg(x) FROM pg_ls_dir('.') x"),
    ("postgresql", "SELECT (pg_stat_file('x')).size"),
    ("postgresql", "COPY (SELECT 1) TO STDOUT"),
    ("postgresql", "SELECT 1 \\; DROP TABLE x"),
    ("postgresql", "\\copy x to y"),
    ("sqlite", "SELECT * FROM t; ATTACH 'x' AS y"),
    ("duckdb", "SELECT * FROM x.duckdb_tables()"),
    ("duckdb", "SELECT system.main.getenv('HOME')"),
]


@pytest.mark.parametrize(("dialect", "sql"), NAMES, ids=range(len(NAMES)))
def test_words_that_are_names_pass(dialect: str, sql: str) -> None:
    assert ReadOnlySQLGuard(dialect).check(sql) == sql


@pytest.mark.parametrize(("dialect", "sql"), STATEMENTS, ids=range(len(STATEMENTS)))
def test_statements_in_disguise_are_refused(dialect: str, sql: str) -> None:
    with pytest.raises(ReadOnlyViolationError):
        ReadOnlySQLGuard(dialect).check(sql)


def test_a_refused_statement_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(ReadOnlyViolationError):
        ReadOnlySQLGuard("postgresql").check("WITH x AS (CALL secret('word')) SELECT 1")
    assert "secret" not in caplog.text
