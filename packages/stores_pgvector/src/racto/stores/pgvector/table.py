"""What a store knows of its table between two calls, and what must be true before one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from racto.core.errors import DimensionMismatchError
from racto.core.flows import Flow

from .layout import Layout
from .schema import look, prepare

T = TypeVar("T")


class Table:
    """One store's table: its layout, and what was last seen of it.

    Args:
        layout: How the table is meant to be.
        dimension: Length of the vectors as the user gave it; None to learn it.
        batch_size: Most chunks a transaction.
    """

    def __init__(self, layout: Layout, *, dimension: int | None, batch_size: int) -> None:
        self.layout, self.batch_size = layout, batch_size
        self.given = dimension
        self._known: int | None = None
        self._is_prepared = False

    def forget(self) -> None:
        """Look again at the next call."""
        self._known, self._is_prepared = None, False

    def dimension(self, conn: Any) -> Flow[int | None]:
        """Length of the table's vectors; None when there is no table.

        Raises:
            DimensionMismatchError: If it is not what the store was made for.
        """
        if self._known is None:
            standing = yield from look(conn, self.layout)
            if standing is None:
                return None
            self._check(standing.dimension)
            self._known = standing.dimension
        return self._known

    def prepare(self, conn: Any, dimension: int) -> Flow[None]:
        """Make sure of the table, once a store."""
        self._check(dimension)
        if not self._is_prepared or self._known != dimension:
            self._known = yield from prepare(conn, self.layout, dimension)
            self._is_prepared = True

    def seen(self, conn: Any, make: Callable[[], Flow[T]]) -> Flow[T]:
        """Run a flow, and once more if the table went away since it was last looked at."""
        import psycopg

        try:
            return (yield from make())
        except psycopg.errors.UndefinedTable:
            if self._known is None:
                raise
            self.forget()
        return (yield from make())

    def _check(self, dimension: int) -> None:
        if self.given not in (None, dimension):
            raise DimensionMismatchError(
                f"the store was made for vectors of {self.given}, and these are of {dimension}",
                expected=self.given or 0,
                actual=dimension,
            )
