"""Which wall a database gets."""

from __future__ import annotations

from .duckdb import DuckDBWall
from .mysql import MySQLWall
from .postgres import PostgresWall
from .sqlite import SQLiteWall
from .wall import Wall

_WALLS: dict[str, Wall] = {
    wall.dialect: wall for wall in (PostgresWall(), MySQLWall(), SQLiteWall(), DuckDBWall())
}


def wall_of(dialect: str) -> Wall:
    """The wall of one of sqlglot's dialects; one without settings of its own for the others."""
    return _WALLS.get(dialect) or Wall()
