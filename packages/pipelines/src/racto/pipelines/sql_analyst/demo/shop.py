"""The example database: a small shop of two years, the same each time it is built."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from racto.core.errors import ConfigurationError

_SCHEMA = """
CREATE TABLE customers (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL, email TEXT NOT NULL
);
CREATE TABLE products (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, price NUMERIC NOT NULL
);
CREATE TABLE orders (
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
    ordered_on DATE NOT NULL, status TEXT NOT NULL
);
CREATE TABLE order_items (
    order_id INTEGER NOT NULL REFERENCES orders (id),
    product_id INTEGER NOT NULL REFERENCES products (id),
    quantity INTEGER NOT NULL, PRIMARY KEY (order_id, product_id)
);
CREATE INDEX orders_by_date ON orders (ordered_on);
"""
_PEOPLE = [
    "Ada",
    "Ben",
    "Cleo",
    "Dara",
    "Emil",
    "Faye",
    "Gus",
    "Hana",
    "Ivo",
    "June",
    "Kai",
    "Lena",
    "Milo",
    "Nora",
    "Otto",
    "Pia",
]
_CITIES = ("Bergen", "Delft", "Graz", "Porto", "Turku")
_GOODS = (
    ("Pump", "Garden", 129.9), ("Hose", "Garden", 24.5), ("Sprinkler", "Garden", 39.0),
    ("Lamp", "Home", 54.0), ("Kettle", "Home", 42.5), ("Toaster", "Home", 36.0),
    ("Drill", "Tools", 89.0), ("Saw", "Tools", 31.5), ("Ladder", "Tools", 115.0),
)  # fmt: skip
_FIRST = date(2024, 1, 1)
# SQLite keeps this number in the file for whoever made it: "shop" in ASCII.
_OURS = 0x73686F70


def build_shop(path: str | Path, *, orders: int = 600) -> Path:
    """Write the example database into a new SQLite file.

    Args:
        path: Where to; an example shop that is there is replaced, and no other file.
        orders: How many orders to make up.

    Returns:
        The path as it was given.

    Raises:
        ConfigurationError: If there is a file that is no example shop.
    """
    target = Path(path)
    if target.exists() and not _is_ours(target):
        raise ConfigurationError(
            f"{target} is there already, and is no example shop; name another file or folder"
        )
    # Rows would be added to those of an earlier tour.
    target.unlink(missing_ok=True)
    chance = random.Random(7)  # noqa: S311 - made-up orders, and the same ones each time
    with closing(sqlite3.connect(target)) as shop:
        shop.execute(f"PRAGMA application_id = {_OURS}")
        shop.executescript(_SCHEMA)
        shop.executemany("INSERT INTO customers VALUES (?, ?, ?, ?)", _customers(chance))
        numbered = [(number, *goods) for number, goods in enumerate(_GOODS, start=1)]
        shop.executemany("INSERT INTO products VALUES (?, ?, ?, ?)", numbered)
        for number in range(1, orders + 1):
            day = _FIRST + timedelta(days=chance.randrange(731))
            status = "cancelled" if chance.random() < 0.05 else "paid"
            # Squared, so that some customers buy much more than others.
            buyer = 1 + int(len(_PEOPLE) * chance.random() ** 2)
            shop.execute("INSERT INTO orders VALUES (?, ?, ?, ?)",
                         (number, buyer, day.isoformat(), status))  # fmt: skip
            for product in chance.sample(range(1, len(_GOODS) + 1), chance.randint(1, 3)):
                shop.execute("INSERT INTO order_items VALUES (?, ?, ?)",
                             (number, product, chance.randint(1, 4)))  # fmt: skip
        # One transaction: hundreds of them would take seconds on a slow disk.
        shop.commit()
    return target


def _is_ours(path: Path) -> bool:
    # The header of every SQLite file has the number there; no database need be opened.
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        header = stream.read(72)
    return header[:6] == b"SQLite" and int.from_bytes(header[68:72]) == _OURS


def _customers(chance: random.Random) -> list[tuple[int, str, str, str]]:
    return [
        (number, name, chance.choice(_CITIES), f"{name.lower()}@example.org")
        for number, name in enumerate(_PEOPLE, start=1)
    ]
