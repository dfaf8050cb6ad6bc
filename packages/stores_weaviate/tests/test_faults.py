"""What goes wrong with Weaviate: told as it is, tried again where that helps, nothing lost."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import ConfigurationError, PartialWriteError, StoreError
from racto.stores.weaviate import WeaviateStore, connections
from racto.testing import Conduct, Failure, Incoming, Reply
from racto.testing.weaviate import WeaviateServer

Make = Callable[..., WeaviateStore]

# A server that ends amid its second call of a kind, as one that is killed does.
_MORTAL = """
import os, sys, time
from racto.testing.weaviate import WeaviateServer
server, seen = WeaviateServer(), []
def rule(request):
    if request.path.endswith(sys.argv[1]):
        seen.append(request)
        if len(seen) == 2:
            os._exit(9)
server.when(rule)
print(server.url, server.grpc_port, flush=True)
time.sleep(60)
"""


def chunk(name: str, content: str = "", vector: tuple[float, float] = (1.0, 0.0)) -> Chunk:
    return Chunk(content=content or name, chunk_id=name, embedding=vector)


def calls(server: WeaviateServer, name: str) -> int:
    return sum(request.path.endswith(name) for request in server.requests)


@pytest.fixture
def mortal() -> Iterator[Callable[[str], WeaviateStore]]:
    """Makes a store on a server of its own, which dies amid the second call of a kind."""
    with ExitStack() as stack:

        def made(kind: str) -> WeaviateStore:
            server = subprocess.Popen(
                [sys.executable, "-c", _MORTAL, kind], stdout=subprocess.PIPE, text=True
            )
            stack.callback(server.wait)
            stack.callback(server.kill)
            assert server.stdout is not None
            stack.callback(server.stdout.close)
            url, port = server.stdout.readline().split()
            store = WeaviateStore(url=url, grpc_port=int(port), batch_size=2, timeout=5.0)
            stack.callback(store.close)
            return store

        yield made


def test_a_server_killed_amid_a_write_leaves_no_doubt(
    mortal: Callable[[str], WeaviateStore],
) -> None:
    store = mortal("BatchObjects")
    with pytest.raises(PartialWriteError, match="2 of 5") as caught:
        store.add([chunk(f"c{number}") for number in range(5)])
    assert caught.value.stored == ("c0", "c1")
    assert sorted(caught.value.failed) == ["c2", "c3", "c4"]
    assert "not sent" in caught.value.failed["c4"]
    assert caught.value.retryable


async def test_a_server_killed_amid_a_search_is_told(
    mortal: Callable[[str], WeaviateStore],
) -> None:
    store = mortal("Search")
    store.add([chunk("a")])
    assert [found.chunk.chunk_id for found in store.search([1.0, 0.0])] == ["a"]
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        store.search([1.0, 0.0])
    assert (caught.value.status_code, caught.value.retryable) == (503, True)
    with pytest.raises(StoreError, match="cannot be reached"):
        await store.asearch([1.0, 0.0])
    await store.aclose()


def test_half_a_write_says_what_is_stored(server: WeaviateServer, make: Make) -> None:
    store = make(batch_size=2)
    failure = Failure(kind="bad_request", message="no more")
    server.when(
        lambda request: (
            failure
            if request.path.endswith("BatchObjects") and calls(server, "BatchObjects") == 2
            else None
        )
    )
    with pytest.raises(PartialWriteError, match="2 of 5") as caught:
        store.add([chunk(f"c{i}") for i in range(5)])
    assert caught.value.stored == ("c0", "c1")
    assert sorted(caught.value.failed) == ["c2", "c3", "c4"]
    assert "no more" in caught.value.failed["c2"]
    assert not caught.value.retryable
    assert store.count() == 2


@pytest.mark.parametrize("kind", ["rate_limited", "overloaded"])
def test_a_busy_service_is_tried_again(server: WeaviateServer, make: Make, kind: str) -> None:
    store = make()
    store.create(2)
    server.fail(kind)  # type: ignore[arg-type]
    server.fail(kind)  # type: ignore[arg-type]
    store.add([chunk("a")])
    assert calls(server, "BatchObjects") == 3
    server.fail(kind)  # type: ignore[arg-type]
    assert store.search([1.0, 0.0])[0].chunk.chunk_id == "a"
    server.fail(kind)  # type: ignore[arg-type]
    assert store.exists()


async def test_tasks_try_again_too(server: WeaviateServer, make: Make) -> None:
    store = make()
    server.fail("rate_limited")
    await store.acreate(2)
    server.fail("rate_limited")
    await store.aadd([chunk("a")])
    server.fail("overloaded")
    assert len(await store.asearch([1.0, 0.0])) == 1
    await store.aclose()


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [("rate_limited", 429, "ask less often"), ("overloaded", 503, "cannot be reached")],
)
def test_a_service_that_stays_busy_is_told(
    server: WeaviateServer, make: Make, kind: str, status: int, words: str
) -> None:
    store = make()
    store.create(2)
    before = len(server.requests)
    server.when(lambda request: Failure(kind=kind) if request.method == "GRPC" else None)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match=words) as caught:
        store.search([1.0, 0.0])
    assert (caught.value.status_code, caught.value.retryable) == (status, True)
    assert calls(server, "Search") == 4
    assert len(server.requests) - before <= 6


def test_a_message_that_is_too_large_is_not_repeated(server: WeaviateServer, make: Make) -> None:
    store = make()
    store.create(2)
    server.fail("rate_limited", message="Received message larger than max (9 vs. 4)")
    with pytest.raises(StoreError, match="smaller batch_size") as caught:
        store.add([chunk("a")])
    assert (caught.value.status_code, caught.value.retryable) == (413, False)
    assert calls(server, "BatchObjects") == 1


@pytest.mark.parametrize("doing", ["add", "search", "count"])
def test_a_slow_server_is_not_waited_for(server: WeaviateServer, make: Make, doing: str) -> None:
    store = make(timeout=0.5)
    store.create(2)
    slow = Reply(conduct=Conduct(delay=1.0))
    server.when(lambda request: slow if request.method == "GRPC" else None)
    before = sum(request.method == "GRPC" for request in server.requests)
    with pytest.raises(StoreError, match="raise timeout") as caught:
        {
            "add": lambda: store.add([chunk("a")]),
            "search": lambda: store.search([1.0, 0.0]),
            "count": store.count,
        }[doing]()
    assert (caught.value.status_code, caught.value.retryable) == (504, True)
    # A deadline is one for all attempts.
    assert sum(request.method == "GRPC" for request in server.requests) - before == 1


def test_two_writers_leave_whole_chunks(make: Make) -> None:
    stores = [make(batch_size=7), make(batch_size=11)]
    texts, vectors = ("one", "two"), ((1.0, 0.0), (0.0, 1.0))

    def write(writer: int) -> None:
        for _ in range(3):
            stores[writer].add([chunk(f"c{n}", texts[writer], vectors[writer]) for n in range(40)])

    # Neither finds the class, and both make it.
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(write, range(2)))
    assert stores[0].count() == 40
    for found in stores[1].get([f"c{n}" for n in range(40)]):
        assert found is not None
        assert tuple(found.embedding or ()) == vectors[texts.index(found.content)]


def test_no_key_or_value_is_read_as_a_query(make: Make) -> None:
    nasty = '"}) { Delete } # \\ \x00 {"operator": "Or"}'
    store = make()
    kept = Chunk(
        content=nasty,
        chunk_id=nasty,
        embedding=(1.0, 0.0),
        metadata=ChunkMetadata(source=nasty, extra={nasty: nasty}),
    )
    store.add([kept, chunk("other")])
    (found,) = store.search([1.0, 0.0], filters={nasty: nasty, "source": nasty})
    assert found.chunk.metadata.extra == {nasty: nasty}
    assert store.delete_where({nasty: nasty}) == 1
    assert [each.chunk.chunk_id for each in store.search([1.0, 0.0])] == ["other"]


def test_round_trips_are_those_of_the_bare_client(server: WeaviateServer, make: Make) -> None:
    store = make(batch_size=100)
    store.create(2)

    def asked(do: Callable[[], object]) -> int:
        before = len(server.requests)
        do()
        return len(server.requests) - before

    some = [chunk(f"c{n}", vector=(1.0, n / 1000)) for n in range(1000)]
    assert asked(lambda: store.add(some)) == 10
    assert asked(lambda: store.search([1.0, 0.0], 10)) == 1
    assert asked(lambda: store.search([1.0, 0.0], 10, {"source": ""})) == 1
    assert asked(lambda: store.search_batch([[1.0, 0.0]] * 32, 10)) == 32
    assert asked(lambda: store.get([f"c{n}" for n in range(100)])) == 1
    assert asked(lambda: store.delete([f"c{n}" for n in range(1000)])) == 1
    # A store that opens anew learns what the class is, once.
    later = make()
    assert asked(lambda: later.search([1.0, 0.0])) == 3  # greeting, class, search


def test_arrays_and_lists_are_stored_alike(make: Make) -> None:
    numpy = pytest.importorskip("numpy")
    store = make()
    rows = [[0.1, 0.2], (0.1, 0.2), numpy.array([0.1, 0.2]), numpy.array([0.1, 0.2], dtype="f4")]
    store.add([Chunk(content="", chunk_id=f"c{n}", embedding=row) for n, row in enumerate(rows)])
    found = store.get([f"c{n}" for n in range(len(rows))])
    assert len({tuple(each.embedding or ()) for each in found if each is not None}) == 1


def test_the_word_for_what_was_asked_is_in_the_error(server: WeaviateServer, make: Make) -> None:
    store = make()
    store.create(2)

    def rule(request: Incoming) -> Failure | None:
        return Failure(kind="forbidden") if request.path.endswith("Search") else None

    server.when(rule)
    with pytest.raises(StoreError, match=r"Search failed with PERMISSION_DENIED: check api_key"):
        store.search([1.0, 0.0])


def test_a_thread_that_connects_does_not_hold_the_loop_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = WeaviateStore(url=f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=2.0)
        thread = threading.Thread(target=failing, args=[store])
        thread.start()
        # It has begun to connect, and will not come to an end.
        silent.accept()[0].detach()

        async def hurried() -> None:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(store.acount(), 0.1)

        asyncio.run(hurried())
        assert thread.is_alive()
        thread.join()
        store.close()


def failing(store: WeaviateStore) -> None:
    with pytest.raises(StoreError):
        store.count()


def test_a_client_without_the_names_that_are_needed_is_told() -> None:
    class Other:
        """A client of a version to come."""

        _connection = object()

    with pytest.raises(ConfigurationError, match=r"weaviate-client.*_grpc_stub and grpc_headers"):
        connections._take_over(Other(), "RactoChunk", is_async=False)
    with pytest.raises(ConfigurationError, match="has no _grpc_stub"):
        connections._take_over(object(), "RactoChunk", is_async=True)
