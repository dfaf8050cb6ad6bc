"""Reading chunks back: by id, all in pages, and how many there are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

from racto.core.documents import Chunk
from racto.core.errors import NotFoundError
from racto.core.filters import Filter, lookup_of, matches
from racto.core.flows import Flow, arun, run

from .filters import sieve
from .records import chunk_of, record_id
from .shelf import Shelf

# Whole chunks come back: a thousand of them with vectors are some 10 MB of JSON.
_IDS_A_CALL = 1000


def get(shelf: Shelf, chunk_ids: Sequence[str]) -> Flow[list[Chunk | None]]:
    """The chunks in the order of the ids, with their vectors; None for unknown ids."""
    shelf.link.check_open()
    ids = [record_id(chunk_id) for chunk_id in chunk_ids]
    unique = list(dict.fromkeys(ids))
    found: dict[str, Chunk] = {}
    for at in range(0, len(unique), _IDS_A_CALL):
        found |= yield from _read(shelf, unique[at : at + _IDS_A_CALL])
    return [found.get(each) for each in ids]


def pages(shelf: Shelf, size: int, tree: Filter | None) -> Iterator[list[Chunk]]:
    """All chunks that satisfy the filter, in pages of at most ``size``, none of them empty."""
    ids = run(_candidates(shelf, tree))
    for at in range(0, len(ids), size):
        page = _kept(run(_read(shelf, ids[at : at + size])), tree)
        # All of a page may have been let through by the sieve alone.
        if page:
            yield page


async def apages(shelf: Shelf, size: int, tree: Filter | None) -> AsyncIterator[list[Chunk]]:
    """Async twin of :func:`pages`."""
    ids = await arun(_candidates(shelf, tree))
    for at in range(0, len(ids), size):
        page = _kept(await arun(_read(shelf, ids[at : at + size])), tree)
        if page:
            yield page


def count(shelf: Shelf) -> Flow[int]:
    """How many chunks are stored, counted exactly."""
    shelf.link.check_open()
    try:
        counted: int = yield from shelf.link.ask("count", "counting")
    except NotFoundError:
        shelf.forget()
        return 0
    return counted


def _candidates(shelf: Shelf, tree: Filter | None) -> Flow[list[str]]:
    where = sieve(tree)
    if where is False:
        return []
    asked = None if where is True else where
    try:
        # All ids at once: Chroma's pages are counted off, and shift when something is deleted.
        found = yield from shelf.link.ask("get", "scanning", where=asked, include=[])
    except NotFoundError:
        shelf.forget()
        return []
    ids: list[str] = found["ids"]
    return ids


def _read(shelf: Shelf, ids: Sequence[str]) -> Flow[dict[str, Chunk]]:
    include = ["metadatas", "documents", "embeddings"]
    try:
        found = yield from shelf.link.ask("get", "reading", ids=ids, include=include)
    except NotFoundError:
        shelf.forget()
        return {}
    columns = (found["ids"], found["metadatas"], found["documents"], found["embeddings"])
    return {
        each: chunk_of(metadata, document, vector)
        for each, metadata, document, vector in zip(*columns, strict=True)
    }


def _kept(found: dict[str, Chunk], tree: Filter | None) -> list[Chunk]:
    return [c for c in found.values() if tree is None or matches(tree, lookup_of(c))]
