"""Rows of all four databases arrive as typed columns, whatever stands in the statement."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal

import polars as pl
import pytest

from racto.core.flows import arun, run
from racto.pipelines.sql_analyst.database import Database, QueryLimits, QueryRows

from .conftest import Shop


async def both(database: Database, sql: str, **options: object) -> tuple[QueryRows, QueryRows]:
    """The rows of both voices."""
    return database.query(sql, **options), await database.aquery(sql, **options)  # type: ignore[arg-type]


async def test_rows_are_the_same_in_both_voices(database: Database) -> None:
    first, second = await both(database, "SELECT * FROM customers ORDER BY id")
    assert first.frame.equals(second.frame)
    assert first.frame["name"].to_list() == ["Zoë Müller", "李小龍", "O'Brien"]
    assert first.frame["email"].to_list()[2] is None
    assert not first.truncated


def test_columns_of_one_name_are_kept_apart(database: Database) -> None:
    rows = database.query("SELECT 1 AS id, 2 AS id, 3 AS id_2")
    assert rows.columns == ("id", "id_3", "id_2")
    assert rows.frame.row(0) == (1, 2, 3)
    assert rows.source_columns == ("id", "id", "id_2")


@pytest.mark.parametrize("text", [" :urgent", "100%", "%s %(x)s", "a;b", "-- no", "/* no */", "?"])
def test_a_literal_is_never_a_parameter(database: Database, text: str) -> None:
    rows = database.query(f"SELECT name, '{text}' AS said FROM products WHERE name <> '{text}'")
    assert rows.frame["said"].to_list() == [text] * 3


def test_an_empty_result_has_its_columns(database: Database) -> None:
    rows = database.query("SELECT id, name FROM customers WHERE 1 = 0")
    assert rows.frame.columns == ["id", "name"]
    assert rows.row_count == 0
    assert not rows.truncated


def test_limits_are_kept_by_fetching(database: Database) -> None:
    rows = database.query("SELECT id FROM orders ORDER BY id", limits=QueryLimits(max_rows=2))
    assert rows.frame["id"].to_list() == [1, 2]
    assert rows.truncated_by == "rows"
    exact = database.query("SELECT id FROM orders", limits=QueryLimits(max_rows=3))
    assert exact.row_count == 3
    assert not exact.truncated


def test_no_limit_in_the_statement_widens_ours(database: Database) -> None:
    sql = "SELECT a.id FROM orders a, orders b, orders c LIMIT 999999999"
    rows = database.query(sql, limits=QueryLimits(max_rows=4))
    assert rows.row_count == 4
    assert rows.truncated
    # The connection is whole after rows were left behind.
    assert database.query("SELECT 1 AS one").frame["one"].to_list() == [1]


def test_bytes_are_limited_too(database: Database) -> None:
    wide = "x" * 1000
    sql = f"SELECT '{wide}' AS wide FROM orders a, orders b"
    rows = database.query(sql, limits=QueryLimits(max_bytes=3500))
    assert rows.row_count == 3
    assert rows.truncated_by == "bytes"
    one = database.query(sql, limits=QueryLimits(max_bytes=10))
    assert one.row_count == 1


async def test_types_are_kept_in_postgres(
    postgres_shop: Shop, opened: Callable[..., Database]
) -> None:
    database = opened(postgres_shop.reader)
    sql = (
        "SELECT o.*, p.price, p.details, y.amount, y.token, interval '3 days' AS span,"
        " time '10:30' AS clock, timestamp '2026-01-01 10:00' AS local, ARRAY[1, 2] AS list,"
        " '00000000-0000-0000-0000-000000000001'::uuid AS id128, 2::numeric ^ 70 AS big,"
        " 'NaN'::numeric AS nan, NULL::date AS nothing, true AS yes, 1.5::real AS real"
        " FROM orders o JOIN products p ON p.id = o.product_id JOIN payments y ON y.id = o.id"
        " ORDER BY o.id"
    )
    first, second = await both(database, sql)
    assert first.frame.equals(second.frame, null_equal=True)
    kinds = dict(first.frame.schema)
    assert kinds["ordered_at"] == pl.Datetime("us", "UTC")
    assert kinds["delivered"] == pl.Date
    assert kinds["nothing"] == pl.Date
    assert first.frame["price"].to_list() == [Decimal("12.50"), Decimal("89.99"), Decimal("4.25")]
    assert kinds["price"] == pl.Decimal(38, 2)
    assert kinds["amount"] == pl.Decimal(38, 4)
    assert first.frame["details"].to_list()[1] == '{"watts": 2200}'
    assert first.frame["token"].to_list() == [b"\xaa\x11", b"\xbb\x22", None]
    assert kinds["span"] == pl.Duration("us")
    assert kinds["clock"] == pl.Time
    assert kinds["local"] == pl.Datetime("us")
    assert first.frame["list"].to_list()[0] == [1, 2]
    assert first.frame["big"][0] == Decimal(2**70)
    assert kinds["nan"] == pl.Float64
    assert kinds["yes"] == pl.Boolean
    moment = first.frame["ordered_at"][0]
    assert moment == datetime.datetime(2026, 3, 29, 0, 30, tzinfo=datetime.UTC)


async def test_types_are_kept_in_mariadb(mysql_shop: Shop, opened: Callable[..., Database]) -> None:
    database = opened(mysql_shop.reader)
    sql = (
        "SELECT o.*, p.price, p.details, y.amount, y.token, CAST(NULL AS DATE) AS nothing,"
        " CAST('10:30' AS TIME) AS clock, 18446744073709551615 AS big, 1.5e0 AS `float`"
        " FROM orders o JOIN products p ON p.id = o.product_id JOIN payments y ON y.id = o.id"
        " ORDER BY o.id"
    )
    first, second = await both(database, sql)
    assert first.frame.equals(second.frame)
    kinds = dict(first.frame.schema)
    assert kinds["ordered_at"] == pl.Datetime("us")
    assert kinds["delivered"] == kinds["nothing"] == pl.Date
    assert kinds["price"] == pl.Decimal(38, 2)
    assert first.frame["amount"].to_list()[0] == Decimal("37.5000")
    assert first.frame["token"].to_list()[0] == b"\xaa\x11"
    assert first.frame["big"][0] == 18446744073709551615
    assert kinds["clock"] == pl.Duration("us")
    assert kinds["float"] == pl.Float64


async def test_types_are_kept_in_duckdb(duckdb_shop: Shop, opened: Callable[..., Database]) -> None:
    database = opened(duckdb_shop.reader)
    sql = (
        "SELECT o.*, p.price, p.details, y.token, INTERVAL 3 DAY AS span, TIME '10:30' AS clock,"
        " [1, 2] AS list, {'a': 1} AS struct, 170141183460469231731687303715884105727::HUGEINT"
        " AS big, NULL::DATE AS nothing, 'nan'::DOUBLE AS nan, uuid() AS id128"
        " FROM orders o JOIN products p ON p.id = o.product_id JOIN payments y ON y.id = o.id"
        " ORDER BY o.id"
    )
    rows = (await both(database, sql))[1]
    kinds = dict(rows.frame.schema)
    assert kinds["ordered_at"] == pl.Datetime("us", "UTC")
    assert kinds["delivered"] == kinds["nothing"] == pl.Date
    assert kinds["price"] == pl.Decimal(38, 2)
    assert rows.frame["list"].to_list()[0] == [1, 2]
    assert rows.frame["struct"].to_list()[0] == '{"a": 1}'
    assert rows.frame["big"][0] == 2**127 - 1
    assert kinds["span"] == pl.Duration("us")


def test_mixed_columns_of_sqlite_lose_nothing(
    sqlite_shop: Shop, opened: Callable[..., Database]
) -> None:
    database = opened(sqlite_shop.reader)
    sql = "SELECT column1 AS mixed FROM (VALUES (1), ('two'), (2.5), (x'ff'), (NULL))"
    assert database.query(sql).frame["mixed"].to_list() == ["1", "two", "2.5", "\\xff", None]
    numbers = database.query("SELECT column1 AS n FROM (VALUES (1), (2.5), (NULL))").frame["n"]
    assert numbers.to_list() == [1.0, 2.5, None]
    exact = database.query("SELECT column1 AS n FROM (VALUES (9007199254740993), (2.5))").frame
    assert exact["n"].to_list() == ["9007199254740993", "2.5"]


def test_flows_are_what_both_voices_run(database: Database) -> None:
    assert run(database._estimate("SELECT 1 AS one")).cost >= 0


async def test_a_plan_may_cost_too_much(database: Database) -> None:
    from racto.pipelines.errors import QueryLimitError

    sql = "SELECT count(*) AS n FROM orders a, orders b, orders c, orders d, orders e"
    assert (await arun(database._estimate(sql))).cost > 1
    with pytest.raises(QueryLimitError, match=r"max_plan_cost is 0\.5"):
        database.query(sql, limits=QueryLimits(max_plan_cost=0.5))
    rows = await database.aquery(sql, limits=QueryLimits(max_plan_cost=1e18))
    assert rows.frame["n"].to_list() == [243]
