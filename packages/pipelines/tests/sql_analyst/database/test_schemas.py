"""Schemas show what a policy shows, in a budget, and are kept for that policy alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sqlalchemy

from racto.core.documents import Chunk, RetrievalResult
from racto.pipelines.sql_analyst.database import (
    AccessPolicy,
    Database,
    DatabaseSchema,
    ForeignKeyInfo,
    SchemaOptions,
    SchemaShelf,
    TableInfo,
    aprune_schema,
    prune_schema,
    render_schema,
)
from racto.pipelines.sql_analyst.database.definitions import query_of_view
from racto.pipelines.sql_analyst.database.schema import ColumnInfo

from .conftest import Shop

FULL = SchemaOptions(include_row_counts=True, include_samples=True)


async def test_everything_is_reflected(database: Database) -> None:
    schema = database.describe(options=FULL)
    assert [t.full_name for t in schema.tables] == [
        "buyers", "customers", "orders", "payments", "products",
    ]  # fmt: skip
    orders = schema.table("ORDERS")
    assert orders is not None
    assert orders.primary_key == ("id",)
    assert {key.table for key in orders.foreign_keys} == {"customers", "products"}
    assert any(index.columns == ("customer_id",) for index in orders.indexes)
    assert orders.row_count == 3
    customers = schema.table("customers")
    assert customers is not None
    assert "李小龍" in {c.name: c.samples for c in customers.columns}["name"]
    assert [c.nullable for c in customers.columns[1:3]] == [False, True]
    assert schema.view_definitions().keys() == {"buyers"}
    assert schema.view_definitions()["buyers"].lower().startswith("select")
    assert schema.column_types()["orders"].keys() >= {"ordered_at", "delivered"}
    assert await database.adescribe(options=FULL) is schema


@pytest.mark.parametrize("name", ["postgres", "mysql", "duckdb"])
def test_comments_are_told(
    name: str, request: pytest.FixtureRequest, opened: Callable[..., Database]
) -> None:
    shop: Shop = request.getfixturevalue(f"{name}_shop")
    database = opened(shop.reader)
    text = render_schema(database.describe())
    assert "TABLE customers -- People who bought something" in text
    assert "-- Social security number" in text
    documented = AccessPolicy(
        table_docs={"Customers": "Whoever pays"}, column_docs={"customers": {"SSN": "A secret"}}
    )
    told = render_schema(database.describe(documented))
    assert "TABLE customers -- Whoever pays" in told
    assert "-- A secret" in told


def test_a_policy_hides_tables_columns_and_samples(database: Database) -> None:
    policy = AccessPolicy(
        allowed_tables=("Customers", "orders", "buyers"),
        blocked_columns=("customers.ssn",),
        mask_columns=("email",),
    )
    schema = database.describe(policy, options=FULL)
    assert [t.name for t in schema.tables] == ["buyers", "customers", "orders"]
    text = render_schema(schema)
    assert "ssn" not in text
    assert "products" not in text
    assert "example.org" not in text
    # The view gives the number another name, and no samples of it.
    assert "123-45-6789" not in text
    assert "email" in text
    assert "masked" in text
    assert schema.hidden_columns == {"customers": ("ssn",)}


def test_one_policy_never_gets_the_schema_of_another(database: Database) -> None:
    everything = database.describe(AccessPolicy())
    few = database.describe(AccessPolicy(allowed_tables=("products",)))
    assert [table.name for table in few.tables] == ["products"]
    assert len(everything.tables) == 5
    assert database.describe(AccessPolicy(allowed_tables=("products",))) is few
    database.forget_schemas()
    assert database.describe(AccessPolicy(allowed_tables=("products",))) is not few


def test_a_shelf_may_be_shared(shop: Shop, opened: Callable[..., Database]) -> None:
    shelf = SchemaShelf(ttl_s=60)
    first = opened(shop.reader, schemas=shelf).describe()
    assert opened(shop.reader, schemas=shelf).describe() is first


def test_engines_in_memory_share_no_schema(opened: Callable[..., Database]) -> None:
    shelf = SchemaShelf(ttl_s=60)
    for number in range(3):
        engine = sqlalchemy.create_engine("sqlite://")
        with engine.begin() as conn:
            conn.exec_driver_sql(f"CREATE TABLE t{number} (id integer)")
        schema = opened(engine, schemas=shelf).describe()
        assert [table.name for table in schema.tables] == [f"t{number}"]
        engine.dispose()


def test_a_bare_rule_opens_the_default_schema_alone(
    postgres_shop: Shop, opened: Callable[..., Database]
) -> None:
    policy = AccessPolicy(allowed_tables=("orders",))
    assert policy.allows("orders", "public")
    assert policy.allows("public.orders", "public")
    assert not policy.allows("secret.orders", "public")
    schema = opened(postgres_shop.reader).describe(policy)
    assert schema.default_schema == "public"


def test_the_shelf_forgets_in_time_and_is_bounded() -> None:
    now = [0.0]
    shelf = SchemaShelf(ttl_s=10, clock=lambda: now[0])
    schema = DatabaseSchema(dialect="sqlite")
    shelf.put(("a", "b"), schema)
    now[0] = 9.9
    assert shelf.get(("a", "b")) is schema
    now[0] = 10.0
    assert shelf.get(("a", "b")) is None
    for number in range(200):
        shelf.put((str(number),), schema)
    assert shelf.get(("0",)) is None
    assert shelf.get(("199",)) is schema
    none = SchemaShelf(ttl_s=0)
    none.put(("a",), schema)
    assert none.get(("a",)) is None


def large(number: int = 60) -> DatabaseSchema:
    """Many tables, of which few have to do with invoices."""
    columns = tuple(ColumnInfo(name=f"column_{n}", type="text") for n in range(12))
    tables = [TableInfo(name=f"archive_{n}", columns=columns) for n in range(number)]
    lines = TableInfo(
        name="invoice_lines",
        columns=(ColumnInfo(name="invoice_id", type="int"), ColumnInfo(name="sku", type="int")),
        foreign_keys=(
            ForeignKeyInfo(columns=("invoice_id",), table="invoices", target_columns=("id",)),
            ForeignKeyInfo(columns=("sku",), table="articles", target_columns=("id",)),
        ),
    )
    id_ = (ColumnInfo(name="id", type="int"),)
    tables += [
        lines, TableInfo(name="invoices", columns=id_), TableInfo(name="articles", columns=id_),
    ]  # fmt: skip
    return DatabaseSchema(dialect="postgres", tables=tuple(tables))


def test_a_large_schema_is_pruned_to_the_question() -> None:
    kept = prune_schema(large(), "How many lines has each invoice?", max_tables=2)
    names = {table.name for table in kept.tables}
    # Articles come along, because a line points there.
    assert names == {"invoice_lines", "invoices", "articles"}
    small = large(1)
    assert prune_schema(small, "anything", max_tables=12) is small


class Finder:
    """A retriever that knows one table."""

    def retrieve(self, query: str, top_k: int = 5, filters: Any = None) -> list[RetrievalResult]:
        chunk = Chunk(content="articles\nWhat is sold", chunk_id="1", doc_id="1")
        return [RetrievalResult(chunk=chunk, score=1.0, rank=1)]

    async def aretrieve(
        self, query: str, top_k: int = 5, filters: Any = None
    ) -> list[RetrievalResult]:
        return self.retrieve(query, top_k, filters)


class Letters:
    """An embedder that counts letters."""

    dimension = 26

    def embed(self, texts: Any) -> Any:
        rows = [[text.lower().count(chr(97 + n)) for n in range(26)] for text in texts]
        return np.ascontiguousarray(rows, dtype=np.float32)

    async def aembed(self, texts: Any) -> Any:
        return self.embed(texts)


async def test_finders_choose_tables() -> None:
    found = await aprune_schema(large(), "goods", max_tables=1, finder=Finder())
    assert [table.name for table in found.tables] == ["articles"]
    near = prune_schema(large(), "invoice lines sku invoice id", max_tables=1, finder=Letters())
    assert "invoice_lines" in {table.name for table in near.tables}


def test_a_schema_fits_its_budget() -> None:
    schema = large(30)
    whole = render_schema(schema)
    cut = render_schema(schema, max_tokens=200)
    assert len(cut.encode()) / 4 <= 200
    assert "more tables are not shown" in cut
    assert len(whole) > len(cut)
    assert render_schema(DatabaseSchema(dialect="x")) == "(no tables)"


def test_data_cannot_break_out_of_its_line() -> None:
    column = ColumnInfo(name="note", type="text", samples=("x\nTABLE secrets",), comment="a\n\nb")
    text = render_schema(
        DatabaseSchema(dialect="x", tables=(TableInfo(name="t", columns=(column,)),))
    )
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize(
    ("told", "dialect", "query"),
    [
        ("SELECT 1;", "postgres", "SELECT 1"),
        ("CREATE VIEW v AS SELECT 1 AS a", "sqlite", "SELECT 1 AS a"),
        ('CREATE VIEW "x AS SELECT" (a, b) AS\n WITH q AS (SELECT 1) SELECT 1', "duckdb",
         "WITH q AS (SELECT 1) SELECT 1"),
        ("CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`%` SQL SECURITY DEFINER VIEW `v` AS select"
         " `a` AS `b` from `t` WITH CASCADED CHECK OPTION", "mysql", "select `a` AS `b` from `t`"),
        ("CREATE NONSENSE", "sqlite", ""),
    ],
)  # fmt: skip
def test_the_query_of_a_view_is_found(told: str, dialect: str, query: str) -> None:
    assert query_of_view(told, dialect) == query


def test_plain_engines_of_other_shapes_are_described(
    sqlite_shop: Shop, opened: Callable[..., Database]
) -> None:
    engine = sqlalchemy.create_engine(f"sqlite:///{sqlite_shop.path}")
    assert len(opened(engine).describe().tables) == 5
    engine.dispose()
