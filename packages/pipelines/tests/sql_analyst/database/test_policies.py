"""Masks and blocks follow origins, and a masked value cannot be guessed by asking for it."""

from __future__ import annotations

import datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, strategies as st

from racto.core.errors import ConfigurationError
from racto.pipelines.errors import ReadOnlyViolationError
from racto.pipelines.sql_analyst.database import (
    MASKED,
    AccessPolicy,
    Database,
    QueryLimits,
    mask_frame,
)
from racto.pipelines.sql_analyst.database.columns import build_frame
from racto.pipelines.sql_analyst.database.fetching import Fetched
from racto.pipelines.sql_analyst.database.rows import distinct_names
from racto.pipelines.sql_analyst.database.walls.lexing import bare, require_one_query
from racto.pipelines.sql_analyst.guard.verdicts import ColumnOrigin, OutputColumn, Verdict

POLICY = AccessPolicy(mask_columns=("customers.ssn", "email"))


def verdict(*outputs: set[tuple[str, str]], **more: object) -> Verdict:
    made = tuple(
        OutputColumn(name="x", origins=frozenset(ColumnOrigin(table=t, column=c) for t, c in each))
        for each in outputs
    )
    return Verdict(sql="SELECT 1", kind="select", outputs=made, **more)  # type: ignore[arg-type]


def test_masks_follow_the_origin_of_a_column() -> None:
    found = verdict(
        {("customers", "id")},
        {("Customers", "SSN")},
        {("public.customers", "ssn"), ("orders", "id")},
        {("orders", "ssn")},
        {("suppliers", "email")},
        set(),
        {("customers", "*")},
    )
    assert POLICY.enforce(found) == (1, 2, 4, 6)
    assert AccessPolicy().enforce(found) == ()


def test_a_masked_column_decides_nothing() -> None:
    used = frozenset({ColumnOrigin(table="customers", column="ssn")})
    with pytest.raises(ReadOnlyViolationError, match=r"customers\.ssn stands in a condition"):
        POLICY.enforce(verdict({("customers", "id")}, conditions=used))
    with pytest.raises(ReadOnlyViolationError, match="star"):
        POLICY.enforce(verdict({("customers", "id")}, complete=False))


def test_masking_keeps_null_and_nothing_else(database: Database) -> None:
    rows = database.query("SELECT id, email, ssn FROM customers ORDER BY id", masked=(1, 2))
    assert rows.masked == ("email", "ssn")
    assert rows.frame["email"].to_list() == [MASKED, MASKED, None]
    assert rows.frame["ssn"].to_list() == [MASKED] * 3
    assert rows.frame["id"].to_list() == [1, 2, 3]
    empty = database.query("SELECT ssn FROM customers WHERE 1 = 0", masked=(0,))
    assert empty.frame.schema == {"ssn": pl.String}


def test_every_type_can_be_masked() -> None:
    frame = pl.DataFrame(
        {
            "n": [1, None], "d": [Decimal("1.5"), None], "b": [b"x", None], "l": [[1], None],
            "t": [datetime.date(2026, 1, 1), None], "e": [None, None],
        }
    )  # fmt: skip
    masked = mask_frame(frame, range(6))
    assert masked.row(0) == (MASKED,) * 5 + (None,)
    assert masked.row(1) == (None,) * 6
    assert mask_frame(frame, ()) is frame


def test_policies_that_say_the_same_have_one_digest() -> None:
    first = AccessPolicy(allowed_tables=("a", "B"), blocked_columns=("x",))
    assert first.digest == AccessPolicy(allowed_tables=("b", "A"), blocked_columns=("X",)).digest
    others = (
        AccessPolicy(),
        AccessPolicy(allowed_tables=()),
        AccessPolicy(allowed_tables=("a", "b")),
        AccessPolicy(allowed_tables=("a", "b"), mask_columns=("x",)),
        AccessPolicy(table_docs={"a": "b"}),
    )
    assert len({first.digest, *(each.digest for each in others)}) == 6
    assert not AccessPolicy(allowed_tables=()).allows("anything")


@given(st.lists(st.sampled_from(["", "id", "id_2", "id_3", "name", "column_1", "column_2"])))
def test_names_are_distinct_and_those_given_once_stay(names: list[str]) -> None:
    made = distinct_names(tuple(names))
    assert len(set(made)) == len(names)
    assert all(made)
    assert all(name in made for name in names if name)


_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.dates(),
    st.datetimes(), st.datetimes(timezones=st.just(datetime.UTC)), st.timedeltas(), st.uuids(),
    st.decimals(), st.times(), st.lists(st.integers() | st.text()),
    st.dictionaries(st.text(), st.integers()),
)  # fmt: skip


@given(
    values=st.lists(_VALUES, max_size=6), type_name=st.sampled_from(["", "numeric", "date", "json"])
)
def test_any_values_make_a_column(values: list[object], type_name: str) -> None:
    found = Fetched(
        names=("x",), types=(type_name,), columns=(values,), height=len(values), truncated_by="",
        byte_count=0, dialect="sqlite",
    )  # fmt: skip
    frame = build_frame(found).frame
    assert frame.height == len(values)
    assert frame["x"].dtype != pl.Object
    assert frame["x"].null_count() == sum(value is None for value in values)


@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, places=6, max_value=10**20), min_size=1
    )
)
def test_exact_numbers_stay_exact(values: list[Decimal]) -> None:
    found = Fetched(
        names=("x",), types=("numeric",), columns=(list(values),), height=len(values),
        truncated_by="", byte_count=0, dialect="postgres",
    )  # fmt: skip
    assert [Decimal(str(v)) for v in build_frame(found).frame["x"]] == values


@given(
    st.lists(
        st.datetimes(timezones=st.timezones(), min_value=datetime.datetime(2, 1, 1)), min_size=1
    )
)
def test_moments_stay_the_same_to_the_microsecond(values: list[datetime.datetime]) -> None:
    found = Fetched(
        names=("x",), types=("",), columns=(list(values),), height=len(values), truncated_by="",
        byte_count=0, dialect="duckdb",
    )  # fmt: skip
    made = build_frame(found).frame["x"].to_list()
    assert made == [value.astimezone(datetime.UTC) for value in values]


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "sqlite", "duckdb", "tsql"])
@given(text=st.text(alphabet="ab;'\"`-/*\\$ \n#(", max_size=12))
def test_what_stands_in_a_string_is_no_code(dialect: str, text: str) -> None:
    quoted = text.replace("\\", "\\\\") if dialect == "mysql" else text
    sql = "SELECT '" + quoted.replace("'", "''") + "' AS said"
    assert bare(sql, dialect).text == "SELECT '' AS said"
    assert require_one_query(sql + " ; ", dialect) == sql


@given(text=st.text(alphabet="ab;'\"`-/*\\$[] \n#(", max_size=16))
def test_a_second_statement_never_passes(text: str) -> None:
    for dialect in ("postgres", "mysql", "sqlite", "duckdb"):
        sql = f"SELECT 1 {text}"
        try:
            passed = require_one_query(sql, dialect)
        except ReadOnlyViolationError:
            continue
        # Semicolons with nothing but blanks and comments behind them end the one statement.
        assert ";" not in bare(passed, dialect).text.rstrip("; \n")


@pytest.mark.parametrize(
    ("field", "value"),
    [("max_rows", -1), ("timeout_s", 0), ("timeout_s", float("nan")), ("max_plan_cost", 0)],
)
def test_limits_are_checked(field: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=field):
        QueryLimits(**{field: value})  # type: ignore[arg-type]
