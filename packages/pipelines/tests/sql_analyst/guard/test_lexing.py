"""Text that two lexers may read differently: refused, or spelled so that they cannot."""

from __future__ import annotations

import pytest

from racto.pipelines.errors import ReadOnlyViolationError
from racto.pipelines.sql_analyst.guard import Limits, ReadOnlySQLGuard


def refused(dialect: str, sql: str) -> str:
    """The rule by which a statement is refused."""
    with pytest.raises(ReadOnlyViolationError) as caught:
        ReadOnlySQLGuard(dialect).check(sql)
    return caught.value.rule


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1\x00; DROP TABLE x",
        "SELECT '\x00'",
        "SELECT\x0b1",
        "SELECT\x1f1",
        "SELECT 1 \ufeff",
        "\ufeffSELECT 1",
        "SELECT\u00a01",
        "SELECT\u200b1",
        "SELECT 1 AS a\u202eb",
        "SELECT 1 AS a\u200bb",
        "SELECT 1 AS \u2028b",
        "SELECT 1 \uff1b SELECT 2",
        "SELECT 1 AS x\u0085",
    ],
    ids=range(13),
)
@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "sqlite", "duckdb", "tsql"])
def test_characters_that_nobody_sees_are_refused(dialect: str, sql: str) -> None:
    assert refused(dialect, sql) in {"character", "syntax", "statement"}


def test_letters_of_any_script_pass() -> None:
    guard = ReadOnlySQLGuard("postgresql")
    for sql in (
        "SELECT größe FROM maße",
        "SELECT 名前 FROM 表",
        "SELECT 'é\u200d🎉\u00a0' AS \"ü 🎉\"",
    ):
        assert guard.check(sql) == sql


def test_full_width_letters_name_no_function() -> None:
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter.isalpha() else letter for letter in "sleep")
    assert refused("mysql", f"SELECT {wide}(5)") == "function"


@pytest.mark.parametrize(
    ("dialect", "sql", "passed"),
    [
        ("mysql", r"SELECT 'it\'s'", "SELECT 'it''s'"),
        (
            "mysql",
            r"""SELECT "say \"x\" or 'y' or ""z""" + '"',
            "SELECT 'say \"x\" or ''y'' or \"z'",
        ),
        ("mysql", r"SELECT 'a\\'", r"SELECT 'a\\'"),
        ("mysql", r"SELECT 'a\\\'b'", r"SELECT 'a\\''b'"),
        ("mysql", "SELECT \"a''b\"", "SELECT 'a''''b'"),
        ("mysql", r"SELECT '\d+\n'", r"SELECT '\d+\n'"),
        ("postgresql", r"SELECT 'C:\dir\'", r"SELECT E'C:\\dir\\'"),
        ("postgresql", r"SELECT '\d+'", r"SELECT '\d+'"),
        ("postgresql", r"SELECT E'a\'b'", r"SELECT E'a\'b'"),
        ("sqlite", r"SELECT 'C:\'", r"SELECT 'C:\'"),
        ("tsql", r"SELECT 'C:\'", r"SELECT 'C:\'"),
    ],
    ids=range(11),
)
def test_the_end_of_a_string_does_not_depend_on_settings(
    dialect: str, sql: str, passed: str
) -> None:
    assert ReadOnlySQLGuard(dialect).check(sql) == passed
    assert ReadOnlySQLGuard(dialect).check(passed) == passed


@pytest.mark.parametrize(
    ("dialect", "sql", "passed"),
    [
        ("postgresql", "SELECT 1 -- end", "SELECT 1"),
        ("postgresql", "SELECT/**/1", "SELECT 1"),
        ("postgresql", "SELECT 'a' -- one\n'b'", "SELECT 'a'\n'b'"),
        ("postgresql", "SELECT 1 /* a /* b */ c */ + 2", "SELECT 1 + 2"),
        ("mysql", "SELECT 1 # end", "SELECT 1"),
        ("mysql", "SELECT /*+ BKA(t) */ 1", "SELECT 1"),
        ("mysql", "SELECT 1--1", "SELECT 1--1"),
        ("snowflake", "SELECT 1 // end", "SELECT 1"),
        ("sqlite", "SELECT 1;;  ; -- end", "SELECT 1"),
    ],
    ids=range(9),
)
def test_comments_are_left_out(dialect: str, sql: str, passed: str) -> None:
    assert ReadOnlySQLGuard(dialect).check(sql) == passed


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("mysql", "SELECT 1 /* /* */ UNION SELECT 2 */"),
        ("sqlite", "SELECT 1 /* /* */ UNION SELECT 2 */"),
        ("bigquery", "SELECT 1 /* /* */ UNION ALL SELECT 2 */"),
        ("postgresql", "SELECT 1 /* /* */ UNION SELECT 2"),
        ("tsql", "SELECT 1 /* /* */ UNION SELECT 2"),
        ("postgresql", "SELECT a$$ FROM x; DROP TABLE y; --$$"),
        ("postgresql", 'SELECT U&"\\0073"'),
        ("postgresql", "SELECT x'1'y'2'"),
        ("bigquery", "SELECT rb'\\'; DROP TABLE x --'"),
        ("postgresql", "SELECT 'a"),
        ("postgresql", 'SELECT "a'),
        ("mysql", "SELECT `a"),
    ],
    ids=range(12),
)
def test_quotes_and_comments_that_lexers_end_differently_are_refused(
    dialect: str, sql: str
) -> None:
    assert refused(dialect, sql)


def test_the_error_names_the_place() -> None:
    with pytest.raises(ReadOnlyViolationError) as caught:
        ReadOnlySQLGuard("postgresql").check("SELECT 1,\n  2,\n  pg_sleep(10)")
    error = caught.value
    assert (error.part, error.rule, error.line, error.column) == ("pg_sleep", "function", 3, 3)
    assert "pg_sleep" in str(error)
    assert "line 3, column 3" in str(error)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 60 + "1" + ")" * 60,
        "SELECT " + "- " * 3000 + "1",
        "SELECT " + "NOT " * 3000 + "true",
        "SELECT " + "CASE WHEN true THEN " * 300 + "1" + " END" * 300,
        "SELECT " + "(SELECT " * 300 + "1" + ")" * 300,
        "SELECT " + "f(" * 3000,
        "SELECT " + "[" * 3000,
        "SELECT " + "( END " * 3000,
        "(" * 100_000,
        "SELECT " + "x" * 300_000,
        "SELECT " + ", ".join("1" for _ in range(30_000)),
    ],
    ids=range(11),
)
@pytest.mark.parametrize("dialect", ["postgresql", "duckdb", "tsql"])
def test_what_is_too_deep_or_too_long_is_refused_and_nothing_overflows(
    dialect: str, sql: str
) -> None:
    assert refused(dialect, sql) in {"depth", "size", "syntax"}


def test_long_chains_are_not_deep() -> None:
    guard = ReadOnlySQLGuard("postgresql", blocked_columns=["users.ssn"])
    union = " UNION ALL ".join(f"SELECT {number} AS n" for number in range(400))
    added = "SELECT " + " + ".join(str(number) for number in range(1500))
    both = "SELECT 1 WHERE " + " OR ".join(f"{number} = 1" for number in range(800))
    for sql in (union, added, both):
        assert guard.check(sql) == sql


def test_limits_can_be_set() -> None:
    guard = ReadOnlySQLGuard("postgresql", limits=Limits(characters=20, depth=2))
    assert guard.check("SELECT ((1))") == "SELECT ((1))"
    with pytest.raises(ReadOnlyViolationError):
        guard.check("SELECT (((1)))")
    with pytest.raises(ReadOnlyViolationError):
        guard.check("SELECT 1 + 2 + 3 + 4 + 5")
