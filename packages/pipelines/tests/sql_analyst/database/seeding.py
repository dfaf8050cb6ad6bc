"""One shop in four databases: the same rows, with Unicode, zones, JSON, decimals and NULLs."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

TABLES = ("customers", "orders", "payments", "products")
CUSTOMERS = (
    (1, "Zoë Müller", "zoe@example.org", "123-45-6789", "Zürich"),
    (2, "李小龍", "li@example.org", "987-65-4321", "香港"),
    (3, "O'Brien", None, "555-00-1111", "Galway"),
)
PRODUCTS = (
    (1, "Tea 100%", "12.50", '{"origin": "Assam", "organic": true}'),
    (2, "Kettle :urgent", "89.99", '{"watts": 2200}'),
    (3, "Cup", "4.25", None),
)
ORDERS = (
    (1, 1, 1, 3, "2026-03-29 01:30:00+01:00", "2026-04-01"),
    (2, 1, 2, 1, "2026-07-01 12:00:00+00:00", None),
    (3, 2, 3, 12, "2026-12-31 23:59:59-05:00", "2027-01-02"),
)
PAYMENTS = ((1, 1, "37.50", "aa11"), (2, 2, "89.99", "bb22"), (3, 3, "51.00", None))

_SQL: dict[str, tuple[str, ...]] = {
    "postgres": (
        "CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, email text UNIQUE,"
        " ssn text, city text)",
        "CREATE TABLE products (id integer PRIMARY KEY, name text NOT NULL,"
        " price numeric(10, 2), details jsonb)",
        "CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer NOT NULL"
        " REFERENCES customers, product_id integer NOT NULL REFERENCES products,"
        " quantity integer, ordered_at timestamptz, delivered date)",
        "CREATE TABLE payments (id integer PRIMARY KEY, order_id integer REFERENCES orders,"
        " amount numeric(12, 4), token bytea)",
        "CREATE INDEX orders_by_customer ON orders (customer_id)",
        "COMMENT ON TABLE customers IS 'People who bought something'",
        "COMMENT ON COLUMN customers.ssn IS 'Social security number'",
    ),
    "mysql": (
        "CREATE TABLE customers (id int PRIMARY KEY, name varchar(80) NOT NULL,"
        " email varchar(80) UNIQUE, ssn varchar(20) COMMENT 'Social security number',"
        " city varchar(80)) COMMENT 'People who bought something' CHARACTER SET utf8mb4",
        "CREATE TABLE products (id int PRIMARY KEY, name varchar(80) NOT NULL,"
        " price decimal(10, 2), details json) CHARACTER SET utf8mb4",
        "CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL, product_id int NOT"
        " NULL, quantity int, ordered_at datetime, delivered date, INDEX orders_by_customer"
        " (customer_id), FOREIGN KEY (customer_id) REFERENCES customers (id),"
        " FOREIGN KEY (product_id) REFERENCES products (id))",
        "CREATE TABLE payments (id int PRIMARY KEY, order_id int, amount decimal(12, 4),"
        " token varbinary(16), FOREIGN KEY (order_id) REFERENCES orders (id))",
    ),
    "sqlite": (
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT UNIQUE,"
        " ssn TEXT, city TEXT)",
        "CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price NUMERIC,"
        " details TEXT)",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES"
        " customers (id), product_id INTEGER NOT NULL REFERENCES products (id),"
        " quantity INTEGER, ordered_at TEXT, delivered TEXT)",
        "CREATE TABLE payments (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id),"
        " amount NUMERIC, token BLOB)",
        "CREATE INDEX orders_by_customer ON orders (customer_id)",
    ),
    "duckdb": (
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, email VARCHAR"
        " UNIQUE, ssn VARCHAR, city VARCHAR)",
        "CREATE TABLE products (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL,"
        " price DECIMAL(10, 2), details JSON)",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES"
        " customers (id), product_id INTEGER NOT NULL REFERENCES products (id),"
        " quantity INTEGER, ordered_at TIMESTAMPTZ, delivered DATE)",
        "CREATE TABLE payments (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id),"
        " amount DECIMAL(12, 4), token BLOB)",
        "CREATE INDEX orders_by_customer ON orders (customer_id)",
        "COMMENT ON TABLE customers IS 'People who bought something'",
        "COMMENT ON COLUMN customers.ssn IS 'Social security number'",
    ),
}
_VIEW = (
    "CREATE VIEW buyers AS SELECT c.name AS buyer, c.ssn AS number, o.quantity"
    " FROM customers c JOIN orders o ON o.customer_id = c.id"
)


def statements(dialect: str) -> list[str]:
    """Everything that makes the shop, in the dialect's SQL."""
    made = [*_SQL[dialect]]
    for table, rows in zip(
        ("customers", "products", "orders", "payments"),
        (CUSTOMERS, PRODUCTS, ORDERS, PAYMENTS),
        strict=True,
    ):
        made += [f"INSERT INTO {table} VALUES ({_values(dialect, table, row)})" for row in rows]
    return [*made, _VIEW]


def _values(dialect: str, table: str, row: tuple[Any, ...]) -> str:
    texts = []
    for place, value in enumerate(row):
        if value is None:
            texts.append("NULL")
        elif table == "payments" and place == 3:
            texts.append(_binary(dialect, value))
        elif dialect == "mysql" and table == "orders" and place == 4:
            # Its datetime has no zone; the moment is kept as UTC.
            texts.append(f"'{_UTC[value]}'")
        elif isinstance(value, int):
            texts.append(str(value))
        else:
            texts.append("'" + value.replace("'", "''") + "'")
    return ", ".join(texts)


def _binary(dialect: str, value: str) -> str:
    if dialect == "postgres":
        return f"'\\x{value}'"
    return f"from_hex('{value}')" if dialect == "duckdb" else f"x'{value}'"


_UTC = {
    "2026-03-29 01:30:00+01:00": "2026-03-29 00:30:00",
    "2026-07-01 12:00:00+00:00": "2026-07-01 12:00:00",
    "2026-12-31 23:59:59-05:00": "2027-01-01 04:59:59",
}


def seed(dialect: str, cursor: Any) -> None:
    """Make the shop through a cursor of the database's driver."""
    for statement in statements(dialect):
        cursor.execute(statement)


def seed_sqlite(path: Path) -> Path:
    """Make the shop in a file."""
    link = sqlite3.connect(path)
    seed("sqlite", link)
    link.commit()
    link.close()
    return path


def seed_duckdb(path: Path) -> Path:
    """Make the shop in a file."""
    import duckdb

    link = duckdb.connect(str(path))
    seed("duckdb", link)
    link.close()
    return path
