"""Reading chunks back: by id, all in pages, and how many there are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, NamedTuple

from racto.core.documents import Chunk
from racto.core.errors import NotFoundError
from racto.core.filters import Filter, lookup_of, matches
from racto.core.flows import Flow, arun, run

from . import wire
from .filters import sieve
from .records import READ, chunk_of, point_id
from .shelf import Shelf

# Whole chunks come back: a thousand of them with vectors are some 10 MB of JSON.
_IDS_A_CALL = 1000


class Page(NamedTuple):
    """A part of a scan.

    Attributes:
        chunks: Those that satisfy the filter; may be none.
        place: Where the next part begins; None at the end, and for the beginning.
        is_last: Whether nothing follows.
    """

    chunks: list[Chunk]
    place: Any
    is_last: bool = False


def get(shelf: Shelf, chunk_ids: Sequence[str]) -> Flow[list[Chunk | None]]:
    """The chunks in the order of the ids, with their vectors; None for unknown ids."""
    shelf.link.check_open()
    ids = [point_id(chunk_id) for chunk_id in chunk_ids]
    unique = list(dict.fromkeys(ids))
    found: dict[str, Chunk] = {}
    for at in range(0, len(unique), _IDS_A_CALL):
        try:
            points = yield from shelf.link.ask(
                "retrieve",
                f"reading from {shelf.plan.name!r}",
                collection_name=shelf.plan.name,
                ids=unique[at : at + _IDS_A_CALL],
                with_payload=list(READ),
                with_vectors=wire.vector_names(shelf.plan, True),
            )
        except NotFoundError:
            shelf.forget()
            break
        for point in points:
            vector = wire.vector_in(point, shelf.plan)
            found[str(point.id)] = chunk_of(point.payload, vector)
    return [found.get(each) for each in ids]


def pages(shelf: Shelf, size: int, tree: Filter | None) -> Iterator[list[Chunk]]:
    """All chunks that satisfy the filter, in pages of at most ``size``, none of them empty."""
    page = Page([], None)
    while not page.is_last:
        page = run(_page(shelf, page.place, size, tree))
        # All of a page may have been let through by the sieve alone.
        if page.chunks:
            yield page.chunks


async def apages(shelf: Shelf, size: int, tree: Filter | None) -> AsyncIterator[list[Chunk]]:
    """Async twin of :func:`pages`."""
    page = Page([], None)
    while not page.is_last:
        page = await arun(_page(shelf, page.place, size, tree))
        if page.chunks:
            yield page.chunks


def _page(shelf: Shelf, place: Any, size: int, tree: Filter | None) -> Flow[Page]:
    """The part of a scan that begins at ``place``; None is the beginning."""
    # A cursor by id needs nothing of the server between two calls, so a scan may be left early.
    try:
        points, following = yield from shelf.link.ask(
            "scroll",
            f"scanning {shelf.plan.name!r}",
            collection_name=shelf.plan.name,
            scroll_filter=wire.filter_of(sieve(tree)),
            limit=size,
            offset=place,
            with_payload=list(READ),
            with_vectors=wire.vector_names(shelf.plan, True),
        )
    except NotFoundError:
        shelf.forget()
        return Page([], None, True)
    chunks = (chunk_of(p.payload, wire.vector_in(p, shelf.plan)) for p in points)
    kept = [c for c in chunks if tree is None or matches(tree, lookup_of(c))]
    return Page(kept, following, following is None)


def count(shelf: Shelf) -> Flow[int]:
    """How many chunks are stored, counted exactly."""
    shelf.link.check_open()
    name = shelf.plan.name
    try:
        answer = yield from shelf.link.ask(
            "count", f"counting {name!r}", collection_name=name, exact=True
        )
    except NotFoundError:
        shelf.forget()
        return 0
    return int(answer.count)
