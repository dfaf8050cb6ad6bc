"""What a call of the store asks of a connection: its arguments checked, its work made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias, TypeVar

from racto.core.documents import RetrievalResult
from racto.core.errors import ConfigurationError, FilterError
from racto.core.filters import Filter, parse_filter
from racto.core.flows import Flow
from racto.core.vectors import Matrix, Vector

from . import schema
from .hybrid import search_hybrid
from .reading import search
from .sessions import transaction
from .table import Table

T = TypeVar("T")
Task: TypeAlias = Callable[[Any, Table], Flow[T]]
"""Makes the flow of one call over a connection and a table."""


def searching(
    embeddings: Matrix, top_k: int, filters: Mapping[str, Any] | None
) -> Task[list[list[RetrievalResult]]]:
    """The task of a search for each of the embeddings."""
    check_range("top_k", top_k, 1, 2**31)
    return partial(search, embeddings=embeddings, top_k=top_k, tree=parse_filter(filters))


def searching_both(
    table: Table,
    text: str,
    embedding: Vector,
    top_k: int,
    filters: Mapping[str, Any] | None,
    text_weight: float,
    depth: int,
) -> Task[list[RetrievalResult]]:
    """The task of a search by vector and by words."""
    check_range("top_k", top_k, 1, 2**31)
    check_range("text_weight", text_weight, 0.0, 1.0)
    check_range("depth", depth, 1, 1_000_000)
    if table.layout.text_search is None:
        raise ConfigurationError(
            "search_hybrid needs full-text search: make the store with text_search='english', or "
            "another configuration of the server (\\dF in psql lists them)"
        )
    return partial(
        search_hybrid, text=text, embedding=embedding, top_k=top_k, tree=parse_filter(filters),
        text_weight=text_weight, depth=max(depth, top_k),
    )  # fmt: skip


def chosen_by(filters: Mapping[str, Any]) -> Filter:
    """The filter of a deletion, which must not let everything through."""
    tree = parse_filter(filters)
    if tree is None:
        raise FilterError("delete_where needs a filter; use clear() to remove everything")
    return tree


def paged_by(page_size: int, filters: Mapping[str, Any] | None) -> Filter | None:
    """The filter of a scan, whose page size is checked too."""
    check_range("page_size", page_size, 1, 2**31)
    return parse_filter(filters)


def exists(conn: Any, table: Table) -> Flow[bool]:
    """Whether the table is there, looked at anew."""
    table.forget()
    return (yield from table.dimension(conn)) is not None


def create(conn: Any, table: Table, dimension: int) -> Flow[None]:
    """Make the table, or bring it up to date."""
    table.forget()
    yield from table.prepare(conn, dimension)


def drop(conn: Any, table: Table) -> Flow[None]:
    """Remove the table."""
    table.forget()
    yield from schema.drop(conn, table.layout)


def build_index(conn: Any, table: Table) -> Flow[None]:
    """Build the index on vectors anew, in one transaction."""
    if table.layout.index is None:
        raise ConfigurationError("the store was made without an index; give it index='hnsw'")
    if (yield from table.dimension(conn)) is not None:
        yield from transaction(conn, schema.build_index(conn, table.layout))


def check_range(name: str, number: float, least: float, most: float) -> None:
    """Check a number.

    Raises:
        ConfigurationError: If it is out of range, or NaN.
    """
    if not least <= number <= most:
        raise ConfigurationError(f"{name} must be from {least:g} to {most:g}, not {number}")
