"""The collection as flows: whether it is there, its dimension, pages of it, counts, removal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import (
    DimensionMismatchError,
    NotFoundError,
    RactoGatewayError,
)
from racto.core.filters import Filter, lookup_of, matches
from racto.core.flows import Flow

from .connection import Connection
from .filters import Expression, both, bounds_of, with_overflow
from .layout import check_metric, dimension_of, indexing, schema_of
from .records import chunk_of, is_long, key_of
from .settings import MilvusSettings
from .turns import seize

ALL = ("key", "payload", "vector")
"""The columns that make up a chunk, unless it is in pieces."""

# So many keys of 66 characters stand in one expression.
_KEYS_AT_ONCE = 1000
# A page's texts must fit into the memory of both sides.
_ROWS_A_PAGE = 1000


# Two writers at once make Lite lose a file of its log, and a search beside a flush finds nothing.
_LITE = Lock()


class Shelf:
    """What the store does with its collection beside searching.

    Args:
        settings: Where it is and how it is made.
        connection: The way to it.
    """

    def __init__(self, settings: MilvusSettings, connection: Connection) -> None:
        self.settings = settings
        self._connection = connection
        self._known: int | None = None
        self._lite = settings.uri.endswith(".db")
        self._unflushed = False
        self._finding = Lock()

    def ask(self, method: str, **given: Any) -> Flow[Any]:
        """Ask Milvus; a collection that is gone is forgotten."""
        lite = self._lite
        if lite:
            yield from seize(_LITE)
        try:
            return (yield from self._connection.ask(method, **given))
        except NotFoundError:
            self._known = None
            raise
        finally:
            if lite:
                _LITE.release()

    def dimension(self) -> Flow[int | None]:
        """The length of the collection's vectors; None when it is not there."""
        self._connection.check_open()
        if self._known is None:
            yield from seize(self._finding)
            try:
                there = self._known is None and (yield from self.ask("has_collection"))
                if there:
                    self._known = yield from self._inspected()
            finally:
                self._finding.release()
        return self._known

    def _inspected(self) -> Flow[int]:
        version = yield from self._connection.version()
        self._lite = "lite" in version.lower()
        description = yield from self.ask("describe_collection")
        found = dimension_of(description, self.settings)
        wanted = self.settings.dimension
        if wanted not in (None, found):
            raise _mismatch(self.settings.collection, found, wanted or 0)
        # Whoever made it may not have come to the index yet, and it cannot be loaded without.
        names = yield from self.ask("list_indexes")
        if not names:
            index_params = indexing(self.settings)
            # The client would sleep half a second first; loading waits for what there is to build.
            yield from self._made_once(
                "create_index", "list_indexes", index_params=index_params, sync=False
            )
        index = yield from self.ask("describe_index", index_name="vector")
        check_metric(index, self.settings)
        # Fine if it is loaded; without it a server refuses to search.
        yield from self.ask("load_collection")
        return found

    def create(self, dimension: int) -> Flow[None]:
        """Make the collection; fine if it is there for vectors of this length.

        Raises:
            DimensionMismatchError: If it is there, or the store is, for another length.
        """
        there = yield from self.dimension()
        if there is None:
            there = self.settings.dimension or dimension
            if there == dimension:
                yield from self._made(dimension)
                return
        if there != dimension:
            raise _mismatch(self.settings.collection, there, dimension)

    def _made(self, dimension: int) -> Flow[None]:
        made = {"schema": schema_of(dimension), "consistency_level": self.settings.consistency}
        yield from seize(self._finding)
        try:
            if self._known is None:
                yield from self._made_once("create_collection", "has_collection", **made)
                self._known = yield from self._inspected()
        finally:
            self._finding.release()
        if self._known != dimension:
            raise _mismatch(self.settings.collection, self._known, dimension)

    def _made_once(self, method: str, proof: str, **given: Any) -> Flow[None]:
        try:
            yield from self.ask(method, **given)
        except RactoGatewayError:
            # Somebody else may have made it in the meantime, which is as good.
            there = yield from self.ask(proof)
            if not there:
                raise

    def drop(self) -> Flow[None]:
        """Remove the collection; fine if it is not there."""
        self._known = None
        yield from self.ask("drop_collection")

    def clear(self) -> Flow[None]:
        """Remove all rows."""
        there = yield from self.dimension()
        if there is None:
            return
        try:
            yield from self.ask("truncate_collection")
        except RactoGatewayError:
            # Servers before 2.6.4 cannot; whatever else is wrong, this says it again.
            yield from self.ask("delete", filter='key != ""')

    def count(self, expression: Expression = True) -> Flow[int]:
        """How many rows satisfy an expression."""
        there = yield from self.dimension()
        if there is None:
            return 0
        condition = expression if isinstance(expression, str) else ""
        answer = yield from self.ask(
            "query", filter=condition, output_fields=["count(*)"], **self.fresh()
        )
        return int(answer[0]["count(*)"])

    def fetch(self, chunk_ids: Sequence[str]) -> Flow[list[Chunk | None]]:
        """The chunks of these ids, with their vectors; None for unknown ones."""
        there = yield from self.dimension()
        found: dict[str, Mapping[str, Any]] = {}
        keys = list(dict.fromkeys(map(key_of, chunk_ids))) if there is not None else []
        for at in range(0, len(keys), _KEYS_AT_ONCE):
            rows = yield from self.ask(
                "query",
                filter=among(keys[at : at + _KEYS_AT_ONCE]),
                output_fields=list(ALL),
                **self.fresh(),
            )
            found.update((yield from self.whole({row["key"]: row for row in rows})))
        rows_asked = [found.get(key_of(chunk_id)) for chunk_id in chunk_ids]
        return [None if row is None else chunk_of(row) for row in rows_asked]

    def whole(self, rows: dict[str, Mapping[str, Any]]) -> Flow[dict[str, Mapping[str, Any]]]:
        """Rows by key, where those of chunks in pieces were read again with their pieces.

        Args:
            rows: Rows as they were found. One that is removed meanwhile is left out.
        """
        keys = [key for key, row in rows.items() if is_long(row)]
        for key in keys:
            row = rows.pop(key)
            # One by one, since each may be as large as an answer can be.
            again = yield from self.ask(
                "query",
                filter=among([key]),
                output_fields=["key", *(name for name in ALL[1:] if name in row), "pieces"],
                **self.fresh(),
            )
            rows.update((own["key"], own) for own in again)
        return rows

    def remove(self, keys: Sequence[str]) -> Flow[None]:
        """Remove rows by key; unknown ones are ignored."""
        there = yield from self.dimension()
        if there is None:
            return
        for at in range(0, len(keys), _KEYS_AT_ONCE):
            yield from self.ask("delete", filter=among(keys[at : at + _KEYS_AT_ONCE]))

    def page(
        self, tree: Filter | None, size: int, after: str, columns: Sequence[str] = ALL
    ) -> Flow[tuple[list[Chunk], str | None]]:
        """Matching chunks in the order of their keys, from among the next rows.

        Args:
            tree: What chunks must satisfy.
            size: Most rows to look at.
            after: Where the page before ended; empty to begin.
            columns: What to bring of each; the vectors may be left out.

        Returns:
            The matching chunks, and where to go on; None at the end.
        """
        there = yield from self.dimension()
        upper = with_overflow(bounds_of(tree).upper)
        if there is None or upper is False:
            return [], None
        size = min(size, _ROWS_A_PAGE)
        start: Expression = f'key > "{after}"' if after else True
        condition = both(start, upper)
        rows = yield from self.ask(
            "query",
            # A limit without a condition is refused by some versions.
            filter=condition if isinstance(condition, str) else 'key != ""',
            limit=size,
            output_fields=list(columns),
            # As the client's own iterator asks for rows in the order of their keys.
            iterator="True",
            reduce_stop_for_best="True",
            **self.fresh(),
        )
        last = max((row["key"] for row in rows), default=None)
        found = yield from self.whole({row["key"]: row for row in rows})
        chunks = map(chunk_of, found.values())
        kept = [chunk for chunk in chunks if matches(tree, lookup_of(chunk))]
        return kept, last if len(rows) == size else None

    def ids(self, tree: Filter | None) -> Flow[list[str]]:
        """Ids of all chunks that satisfy a filter."""
        found: list[str] = []
        after: str | None = ""
        while after is not None:
            chunks, after = yield from self.page(tree, _ROWS_A_PAGE, after, ("key", "payload"))
            found += [chunk.chunk_id for chunk in chunks]
        return found

    def written(self) -> None:
        """Note that rows were written, for Lite searches them one by one until it is flushed."""
        self._unflushed = True

    def flushed(self) -> Flow[None]:
        """Let Lite build its index before a search; servers do so by themselves."""
        if self._lite and self._unflushed:
            yield from self.flush()

    def flush(self) -> Flow[None]:
        """Seal what was written, so that it is indexed."""
        there = yield from self.dimension()
        if there is None:
            return
        lite = self._lite
        if lite:
            # Until it is loaded again, Lite finds nothing: both are one to everybody else.
            yield from seize(_LITE)
        try:
            self._unflushed = False
            yield from self._connection.ask("flush")
            yield from self._connection.ask("load_collection")
        except BaseException:
            # Half of it is worse than nothing, so that the next search does it again.
            self._unflushed = True
            raise
        finally:
            if lite:
                _LITE.release()

    def fresh(self) -> dict[str, Any]:
        """How fresh an answer must be, as the client takes it."""
        return {"consistency_level": self.settings.consistency}


def among(keys: Sequence[str]) -> str:
    """The expression for rows of these keys, which are hexadecimal digits."""
    return "key in [" + ", ".join(f'"{key}"' for key in keys) + "]"


def _mismatch(collection: str, have: int, asked: int) -> DimensionMismatchError:
    return DimensionMismatchError(
        f"collection {collection!r} keeps vectors of {have} and not of {asked}; drop() it first, "
        f"or choose another name",
        expected=have,
        actual=asked,
    )
