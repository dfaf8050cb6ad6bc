"""A server that is slow or falls silent costs an error and nothing that was stored; trips are counted."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event, Thread

import pytest
from pymilvus import MilvusClient

from racto.core.documents import Chunk
from racto.core.errors import APIConnectionError, RactoGatewayError, RactoGatewayTimeoutError
from racto.stores.milvus import MilvusStore

Make = Callable[..., MilvusStore]
_PREFACE, _FRAME, _HEADERS = 24, 9, 1


class Proxy:
    """Passes bytes on to a server, counts the requests, holds answers back, or hangs up."""

    def __init__(self, server: str) -> None:
        host, port = server.removeprefix("http://").split(":")
        self._server = (host, int(port))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.answering = Event()
        self.answering.set()
        self.requests = 0
        self._open: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    def hang_up(self) -> None:
        """Close every connection, as a server that is killed does."""
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def close(self) -> None:
        """Take no more connections."""
        # A thread that waits for a connection would take one more otherwise.
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.hang_up()
        self.answering.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                asking, _ = self._listening.accept()
                answering = socket.create_connection(self._server)
                self._open += [asking, answering]
                for work in (self._ask, self._answer):
                    Thread(target=work, args=(asking, answering), daemon=True).start()

    def _ask(self, asking: socket.socket, server: socket.socket) -> None:
        # Frames of HTTP/2: a length of three bytes, a type, and five bytes more.
        pending, skip = b"", _PREFACE
        with suppress(OSError), asking, server:
            while data := asking.recv(1 << 16):
                pending += data
                while len(pending) >= skip + _FRAME:
                    pending = pending[skip:]
                    self.requests += pending[3] == _HEADERS
                    skip = _FRAME + int.from_bytes(pending[:3], "big")
                server.sendall(data)

    def _answer(self, asking: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(1 << 16):
                self.answering.wait()
                asking.sendall(data)


@pytest.fixture
def proxy(server: str) -> Iterator[Proxy]:
    made = Proxy(server)
    yield made
    made.close()


def circle(count: int, first: int = 0) -> list[Chunk]:
    return [
        Chunk(content=f"c{at}", chunk_id=f"c{at}", embedding=[math.cos(at), math.sin(at)])
        for at in range(first, first + count)
    ]


def test_a_slow_server_ends_in_a_timeout_and_loses_nothing(make: Make, proxy: Proxy) -> None:
    store = make("slow", uri=proxy.url, timeout=1.0, index_type="FLAT")
    store.add(circle(5))
    assert len(store.search([1.0, 0.0])) == 5
    proxy.answering.clear()
    with pytest.raises(RactoGatewayTimeoutError, match=r"search 'slow' at .*raise timeout"):
        store.search([1.0, 0.0])
    # Whether it came through is not known, and the chunk is not claimed to be stored.
    with pytest.raises(RactoGatewayTimeoutError):
        store.add(circle(1, first=5))
    proxy.answering.set()
    store.add(circle(6))
    proxy.answering.clear()
    # Lite is flushed here, and finds nothing until it was loaded after that.
    with pytest.raises(RactoGatewayTimeoutError, match="flush 'slow'"):
        store.search([1.0, 0.0])
    proxy.answering.set()
    assert len(store.search([1.0, 0.0], 9)) == store.count() == 6
    store.drop()


async def test_tasks_are_not_held_up_by_a_slow_server(make: Make, proxy: Proxy) -> None:
    store = make("slow_too", uri=proxy.url, timeout=1.0, index_type="FLAT")
    await store.aadd(circle(5))
    proxy.answering.clear()
    asked, beats = asyncio.ensure_future(store.asearch([1.0, 0.0])), 0
    while not asked.done():
        await asyncio.sleep(0.02)
        beats += 1
    with pytest.raises(RactoGatewayTimeoutError):
        await asked
    assert beats > 5
    proxy.answering.set()
    assert len(await store.asearch([1.0, 0.0])) == 5
    await store.adrop()
    await store.aclose()


def test_a_server_that_is_killed_in_mid_search_is_named(make: Make, proxy: Proxy) -> None:
    store = make("killed", uri=proxy.url, timeout=2.0, index_type="FLAT")
    store.add(circle(5))
    failures: list[Exception] = []

    def search() -> None:
        try:
            store.search([1.0, 0.0])
        except RactoGatewayError as error:
            failures.append(error)

    proxy.answering.clear()
    before, searching = proxy.requests, Thread(target=search)
    searching.start()
    while proxy.requests == before:
        Event().wait(0.01)
    proxy.close()
    searching.join()
    assert isinstance(failures[0], APIConnectionError | RactoGatewayTimeoutError)
    assert "127.0.0.1" in str(failures[0])


def test_two_writers_leave_every_chunk_once(make: Make, server: str) -> None:
    stores = [make("pair", uri=server, batch_size=7, index_type="FLAT") for _ in range(2)]
    failures: list[BaseException] = []

    def write(store: MilvusStore, first: int) -> None:
        try:
            # Both make the collection, and both write the chunks in the middle.
            store.add(circle(60, first=first))
        except BaseException as error:
            failures.append(error)

    writers = [Thread(target=write, args=pair) for pair in zip(stores, (0, 30), strict=True)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    assert [store.count() for store in stores] == [90, 90]
    found = stores[0].get([f"c{at}" for at in range(90)])
    assert [chunk and chunk.content for chunk in found] == [f"c{at}" for at in range(90)]
    stores[0].drop()


def test_there_are_no_more_round_trips_than_the_bare_client_makes(make: Make, proxy: Proxy) -> None:
    store = make("trips", uri=proxy.url, batch_size=10, index_type="FLAT")
    store.add(circle(1))
    client = MilvusClient(proxy.url, dedicated=True)
    client.upsert("trips", [_row(0)])

    def trips(work: Callable[[], object]) -> int:
        before = proxy.requests
        work()
        return proxy.requests - before

    def ten_each() -> None:
        for first in (0, 10, 20):
            client.upsert("trips", [_row(at) for at in range(first, first + 10)])

    def bare(queries: list[list[float]]) -> object:
        return client.search("trips", queries, output_fields=["payload"], limit=5)

    query = [1.0, 0.0]
    bare([query])
    store.search(query)
    assert trips(lambda: store.add(circle(30))) == trips(ten_each) == 3
    # Lite, and it alone, is flushed and loaded before the first search after a write.
    store.search(query)
    assert trips(lambda: store.search(query)) == trips(lambda: bare([query])) == 1
    assert trips(lambda: store.search_batch([query] * 32)) == trips(lambda: bare([query] * 32)) == 1
    assert trips(lambda: store.search(query, filters={"source": ""})) == 1
    assert trips(lambda: store.get(["c1", "c2"])) == 1
    assert trips(lambda: store.delete(["c1", "c2"])) == 1
    long = Chunk(content="x" * 70_000, chunk_id="long", embedding=query)
    store.add([long])
    store.search(query)
    # A chunk that no string of Milvus holds costs one more.
    assert trips(lambda: store.get(["long"])) == 2
    assert store.get(["long"]) == [long]
    assert store.search(query, 1)[0].chunk in (long, *circle(30))
    client.close()
    store.drop()


def _row(at: int) -> dict[str, object]:
    from racto.stores.milvus.records import row_of

    (chunk,) = circle(1, first=at)
    return row_of(chunk, [math.cos(at), math.sin(at)])
