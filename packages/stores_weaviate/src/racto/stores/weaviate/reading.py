"""Chunks out of Weaviate's objects: looked up, walked through, and counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import StoreError
from racto.core.filters import Filter, lookup_of, matches
from racto.core.flows import Flow

from .failures import is_missing
from .filters import translated
from .managing import Space
from .records import RECORD, chunk_of, key_of

MOST_RESULTS = 10_000
"""The most results that Weaviate gives to one query, skipped ones included."""

_PAGE = 100


def query(space: Space, method: str, **arguments: Any) -> Flow[list[Any]]:
    """The objects of a query; none where the class or the tenant is not there.

    Args:
        space: The class.
        method: The query's method.
        **arguments: Its arguments.
    """
    try:
        answer = yield from space.link.call(
            "query", method, return_properties=[RECORD], **arguments
        )
    except StoreError as error:
        # The first chunk makes the class, so that before it there is nothing to find.
        if is_missing(error):
            return []
        raise
    return list(answer.objects)


def look_up(space: Space, chunk_ids: Sequence[str]) -> Flow[list[Chunk | None]]:
    """Chunks in the order of the ids; None for unknown ones.

    Args:
        space: The class.
        chunk_ids: The ids.
    """
    space.link.check_open()
    keys = [key_of(chunk_id) for chunk_id in chunk_ids]
    known: dict[str, Any] = {}
    distinct = list(dict.fromkeys(keys))
    for start in range(0, len(distinct), _PAGE):
        page = distinct[start : start + _PAGE]
        objects = yield from query(
            space, "fetch_objects_by_ids", ids=page, limit=len(page), include_vector=True
        )
        known |= {str(each.uuid): each for each in objects}
    # Each is made anew, so that one asked for twice comes as two.
    return [chunk_of(known[key]) if key in known else None for key in keys]


def count(space: Space) -> Flow[int]:
    """How many chunks the class or the tenant has.

    Args:
        space: The class.
    """
    try:
        answer = yield from space.link.call("aggregate", "over_all", total_count=True)
    except StoreError as error:
        if is_missing(error):
            return 0
        raise
    return int(answer.total_count or 0)


class Walk:
    """Goes through the chunks that satisfy a filter, page by page.

    Weaviate's cursor takes no filter: one that Weaviate can apply goes by offsets as far as they
    reach, all else by the cursor.

    Args:
        space: The class.
        tree: The filter; None takes all.
        size: Most chunks a page.
    """

    def __init__(self, space: Space, tree: Filter | None, *, size: int) -> None:
        self._space, self._size, self._tree = space, size, tree
        engine = translated(tree)
        self._condition = None if engine.is_loose else engine.condition
        self._met: set[str] = set()
        self._offset = 0
        self._after: str | None = None
        self._waiting: list[Chunk] = []
        self._is_done = False

    def page(self) -> Flow[list[Chunk]]:
        """The next page, full unless it is the last; empty after that."""
        while len(self._waiting) < self._size and not self._is_done:
            if self._condition is None:
                yield from self._by_cursor()
            else:
                yield from self._by_offset()
        page, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
        return page

    def _by_offset(self) -> Flow[None]:
        objects = yield from query(
            self._space,
            "fetch_objects",
            filters=self._condition,
            limit=_PAGE,
            offset=self._offset,
            include_vector=True,
        )
        self._offset += _PAGE
        self._take(objects)
        self._is_done = len(objects) < _PAGE
        # Offsets end here; what they met is remembered, and the cursor begins anew.
        if self._offset >= MOST_RESULTS:
            self._condition = None

    def _by_cursor(self) -> Flow[None]:
        objects = yield from query(
            self._space, "fetch_objects", limit=_PAGE, after=self._after, include_vector=True
        )
        self._take(objects)
        self._after = str(objects[-1].uuid) if objects else None
        self._is_done = len(objects) < _PAGE

    def _take(self, objects: Sequence[Any]) -> None:
        for each in objects:
            key = str(each.uuid)
            # Only what was met by offsets can be met again by the cursor.
            if key in self._met:
                continue
            if self._condition is not None:
                self._met.add(key)
            chunk = chunk_of(each)
            if self._tree is None or matches(self._tree, lookup_of(chunk)):
                self._waiting.append(chunk)


def matching_ids(space: Space, tree: Filter) -> Flow[list[str]]:
    """The ids of all chunks that satisfy a filter.

    Args:
        space: The class.
        tree: The filter.
    """
    ids: list[str] = []
    walk = Walk(space, tree, size=_PAGE)
    while page := (yield from walk.page()):
        ids += [chunk.chunk_id for chunk in page]
    return ids
