"""A large load is made ready beside the event loop, and a small one without a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from racto.core.documents import Chunk
from racto.stores.pinecone import PineconeStore, records, writing

Make = Callable[..., PineconeStore]


@pytest.mark.parametrize(("count", "is_beside"), [(499, False), (500, True)])
def test_a_large_load_does_not_hold_the_loop_up(
    make: Make, monkeypatch: pytest.MonkeyPatch, count: int, is_beside: bool
) -> None:
    where: set[int] = set()
    record_of = records.record_of

    def noted(*given: object) -> object:
        where.add(threading.get_ident())
        return record_of(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(writing, "record_of", noted)
    store = make()
    chunks = [Chunk(content="x", chunk_id=str(n), embedding=[1.0, n]) for n in range(count)]

    async def added() -> int:
        await store.aadd(chunks)
        await store.aclose()
        return threading.get_ident()

    loop = asyncio.run(added())
    assert len(where) == 1
    assert (where != {loop}) is is_beside
