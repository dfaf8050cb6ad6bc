"""The gate: rules follow values through views, and errors tell no hidden value."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from racto.pipelines.errors import QueryError, ReadOnlyViolationError
from racto.pipelines.sql_analyst.database import AccessPolicy, Database
from racto.pipelines.sql_analyst.gate import Admission, Gate

VIEWS = (
    "CREATE TABLE customers (id INTEGER, email TEXT)",
    "INSERT INTO customers VALUES (1, 'ada@example.org')",
    "CREATE VIEW people AS SELECT id, email AS mail FROM customers",
    "CREATE VIEW crowd AS SELECT * FROM people",
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("views") / "views.db"
    with closing(sqlite3.connect(path)) as link:
        for statement in VIEWS:
            link.execute(statement)
        link.commit()
    return f"sqlite:///{path}"


def _gate(address: str, **rules: Any) -> Gate:
    policy = AccessPolicy(**rules)
    with Database(address) as database:
        return Gate(database.describe(policy), policy)


@pytest.mark.parametrize("rule", ["mail", "email", "people.mail", "customers.email", "MAIL"])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT mail FROM people",
        "SELECT upper(mail) AS x FROM crowd",
        "SELECT p.mail AS m FROM (SELECT * FROM people) AS p",
        "SELECT email FROM customers",
    ],
)
def test_a_rule_holds_however_a_column_is_reached(rule: str, sql: str, address: str) -> None:
    assert _gate(address, mask_columns=(rule,)).admit(sql).masked == (0,)
    with pytest.raises(ReadOnlyViolationError):
        _gate(address, blocked_columns=(rule,)).admit(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM people WHERE mail LIKE 'a%'",
        "SELECT count(*) FROM crowd GROUP BY mail",
        "SELECT id FROM people ORDER BY mail",
    ],
)
def test_a_masked_column_decides_nothing(sql: str, address: str) -> None:
    with pytest.raises(ReadOnlyViolationError):
        _gate(address, mask_columns=("mail",)).admit(sql)


def test_other_columns_pass(address: str) -> None:
    gate = _gate(address, mask_columns=("mail",))
    assert gate.admit("SELECT id FROM people").masked == ()
    assert gate.admit("SELECT id, mail, id AS other FROM crowd").masked == (1,)


def test_errors_under_a_block_keep_what_the_statement_said_itself(address: str) -> None:
    admission = Admission(sql="SELECT CAST(id AS INTEGER) FROM people WHERE id = 'abc'")
    error = QueryError("could not convert 'ada@example.org' or \"abc\" to an integer")
    quiet = _gate(address, blocked_columns=("mail",)).hushed(error, admission)
    assert str(quiet) == "could not convert '...' or \"abc\" to an integer"
    assert _gate(address).hushed(error, admission) is error


@pytest.mark.parametrize(
    "message",
    [
        "Overflow in multiplication of INT64 (83417 * 9223372036854775807)!",
        "Type INT64 with value 83417 can't be cast to INT8",
        "Could not convert string 'O'Brien 7741' to INT32",
        "Could not convert string 'a'b'c' to INT32",
        'invalid input syntax for type json: Token "ada" is invalid',
        "Truncated incorrect DOUBLE value: 'ada@example.org'",
    ],
    ids=["number", "value", "apostrophe", "two", "token", "mail"],
)
def test_errors_where_columns_are_masked_quote_no_row(message: str, address: str) -> None:
    gate = _gate(address, mask_columns=("mail",))
    for admission in (
        Admission(sql="SELECT CAST(mail AS INTEGER) FROM people", masked=(0,)),
        Admission(sql="WITH x AS (SELECT CAST(mail AS INTEGER), id FROM people) SELECT id FROM x"),
    ):
        told = str(gate.hushed(QueryError(message, retryable=True), admission))
        assert "withheld" in told
        assert not any(part in told for part in ("83417", "Brien", "ada", "'b'"))


@pytest.mark.parametrize(
    "message",
    [
        'Referenced column "nam" not found in FROM clause! Candidate bindings: "id"\nLINE 1: x',
        "(1054, \"Unknown column 'nam' in 'people'\")",
        'column "nam" does not exist\nDETAIL: row (7, ada@example.org)',
    ],
    ids=["duckdb", "mysql", "postgres"],
)
def test_a_wrong_name_is_still_told_where_columns_are_masked(message: str, address: str) -> None:
    gate = _gate(address, mask_columns=("mail",))
    told = str(gate.hushed(QueryError(message), Admission(sql="SELECT nam FROM people")))
    assert "nam" in told
    assert "ada" not in told


def test_the_walls_refusals_are_hushed_too(address: str) -> None:
    gate = _gate(address, mask_columns=("mail",))
    error = ReadOnlyViolationError("access to 'ada@example.org' is prohibited", rule="wall")
    told = gate.hushed(error, Admission(sql="SELECT id FROM people"))
    assert isinstance(told, ReadOnlyViolationError)
    assert "ada" not in str(told)
