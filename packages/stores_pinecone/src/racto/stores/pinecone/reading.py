"""Chunks out of Pinecone's records: parts are joined, and pages are walked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.documents import Chunk
from racto.core.errors import StoreError
from racto.core.filters import Filter, lookup_of, matches
from racto.core.flows import Flow

from . import freshness
from .filters import translated
from .records import MARK, chunk_of, key_of, part_text, parts_wanted
from .space import Space

_MOST_A_PAGE = 100
_ROUNDS = 6
_FIRST_WAIT = 0.05


def chunks_of(
    space: Space, vectors: Mapping[str, Any], *, with_values: bool = True
) -> Flow[dict[str, Chunk]]:
    """The chunks of records, by the records' ids.

    Args:
        space: The namespace.
        vectors: Records as Pinecone gave them, by id.
        with_values: Whether the chunks get their vectors.

    Raises:
        StoreError: If a long text cannot be had whole.
    """
    found: dict[str, Chunk] = {}
    left: dict[str, Any] = {}
    for key, each in vectors.items():
        if parts_wanted(key, each.metadata):
            left[key] = each
        else:
            values = each.values if with_values and each.values else None
            found[key] = chunk_of(each.metadata, (), values)
    if left:
        yield from _join(space, left, found, with_values=with_values)
    return found


def _join(
    space: Space, left: dict[str, Any], found: dict[str, Chunk], *, with_values: bool
) -> Flow[None]:
    """Fill ``found`` with the chunks whose texts lie in parts."""
    wait = _FIRST_WAIT
    for _ in range(_ROUNDS):
        wanted = {key: parts_wanted(key, each.metadata) for key, each in left.items()}
        needed = [part for parts in wanted.values() for part in parts]
        pieces = (yield from space.fetch(needed, parts=True)) if needed else {}
        for key, parts in wanted.items():
            if pieces.keys() >= set(parts):
                each = left.pop(key)
                texts = [part_text(pieces[part].metadata) for part in parts]
                values = each.values if with_values and each.values else None
                found[key] = chunk_of(each.metadata, texts, values)
        if not left:
            return
        # Somebody replaces these chunks just now, or reads do not see all parts yet.
        yield from freshness.asleep(wait)
        wait *= 2
        again = yield from space.fetch(list(left))
        left = {key: again[key] for key in left if key in again}
    if left:
        raise StoreError(
            f"the long texts of {len(left)} chunks are not complete in namespace {space.parts!r}; "
            f"try again, or add these chunks anew",
            retryable=True,
            provider="pinecone",
        )


def look_up(space: Space, chunk_ids: Sequence[str]) -> Flow[list[Chunk | None]]:
    """Chunks in the order of the ids; None for unknown ones.

    Args:
        space: The namespace.
        chunk_ids: The ids.
    """
    space.link.check_open()
    keys = [key_of(chunk_id) for chunk_id in chunk_ids]
    vectors = (yield from space.fetch(keys)) if keys else {}
    found = yield from chunks_of(space, vectors)
    given: set[str] = set()
    answer: list[Chunk | None] = []
    for key in keys:
        chunk = found.get(key)
        # One that is asked for twice comes as two, each the caller's own.
        if chunk is not None and key in given:
            chunk = (yield from chunks_of(space, {key: vectors[key]})).get(key)
        given.add(key)
        answer.append(chunk)
    return answer


class Walk:
    """Goes through the chunks that satisfy a filter, page by page.

    Args:
        space: The namespace.
        tree: The filter; None takes all.
        size: Most chunks a page.
    """

    def __init__(self, space: Space, tree: Filter | None, *, size: int) -> None:
        self._space, self._size, self._tree = space, size, tree
        condition = translated(tree).condition
        # Records of racto all have this field, and Pinecone takes no empty filter.
        self._filter = {MARK: {"$exists": True}} if condition is None else condition
        self._waiting: list[Chunk] = []
        self._token: str | None = None
        self._is_done = False

    def page(self) -> Flow[list[Chunk]]:
        """The next page, full unless it is the last; empty after that."""
        while len(self._waiting) < self._size and not self._is_done:
            answer = yield from self._space.link.call(
                "fetch_by_metadata",
                filter=self._filter,
                namespace=self._space.namespace,
                limit=min(self._size, _MOST_A_PAGE),
                pagination_token=self._token,
            )
            found = yield from chunks_of(self._space, answer.vectors)
            self._waiting += [c for c in found.values() if matches(self._tree, lookup_of(c))]
            self._token = answer.pagination.next if answer.pagination else None
            self._is_done = self._token is None
        page, self._waiting = self._waiting[: self._size], self._waiting[self._size :]
        return page


def matching_ids(space: Space, tree: Filter) -> Flow[list[str]]:
    """The ids of all chunks that satisfy a filter.

    Args:
        space: The namespace.
        tree: The filter.
    """
    ids: list[str] = []
    walk = Walk(space, tree, size=_MOST_A_PAGE)
    while page := (yield from walk.page()):
        ids += [chunk.chunk_id for chunk in page]
    return ids
