"""The way to a server: one that is away, one that is slow, one that dies, two writers."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
import uuid

import pytest

from racto.core.errors import APIConnectionError, RactoGatewayTimeoutError
from racto.core.retries import NO_RETRIES, RetryPolicy
from racto.core.testing.contracts.samples import fan
from racto.stores.chroma import ChromaStore


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        store = ChromaStore(
            host="127.0.0.1", port=held.getsockname()[1], retry=RetryPolicy(attempts=2, base=0.001)
        )
        with pytest.raises(APIConnectionError, match="is the server running"):
            store.count()
        with pytest.raises(APIConnectionError):
            asyncio.run(store.aadd(fan(1, 2)))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_server_that_never_answers_is_left_after_the_timeout() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        store = ChromaStore(
            host="127.0.0.1", port=silent.getsockname()[1], timeout=0.3, retry=NO_RETRIES
        )
        begun = time.monotonic()
        with pytest.raises(RactoGatewayTimeoutError, match="raise timeout"):
            store.count()
        assert time.monotonic() - begun < 5


def test_calls_have_the_timeout_too(port: int) -> None:
    store = ChromaStore(host="127.0.0.1", port=port, timeout=7.0)
    store.count()
    assert store._link._client._server._session.timeout.read == 7.0
    store.close()


def test_two_writers_make_one_collection(port: int) -> None:
    name = f"writers-{uuid.uuid4().hex}"
    stores = [ChromaStore(name, host="127.0.0.1", port=port) for _ in range(3)]
    threads = [threading.Thread(target=store.add, args=(fan(6, 3),)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [store.count() for store in stores] == [6, 6, 6]
    stores[0].drop()
    assert stores[1].count() == 0
    for store in stores:
        store.close()


async def test_tasks_share_one_store(port: int) -> None:
    store = ChromaStore(f"tasks-{uuid.uuid4().hex}", host="127.0.0.1", port=port)
    await store.aadd(fan(6, 3))
    found = await asyncio.gather(*(store.asearch([1.0, 0.0, 0.0], 2) for _ in range(6)))
    assert {tuple(r.chunk.chunk_id for r in each) for each in found} == {("c0", "c1")}
    await store.aclose()
