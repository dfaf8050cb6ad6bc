"""The gate: rules follow values through views, and errors tell no hidden value."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from racto.pipelines.errors import QueryError, ReadOnlyViolationError
from racto.pipelines.sql_analyst.database import AccessPolicy, Database
from racto.pipelines.sql_analyst.gate import Gate

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


def test_errors_keep_what_the_statement_said_itself(address: str) -> None:
    sql = "SELECT CAST(mail AS INTEGER) FROM people WHERE id = 'abc'"
    error = QueryError("could not convert 'ada@example.org' or \"abc\" to an integer")
    quiet = _gate(address, mask_columns=("mail",)).hushed(error, sql)
    assert str(quiet) == "could not convert '...' or \"abc\" to an integer"
    assert _gate(address).hushed(error, sql) is error
