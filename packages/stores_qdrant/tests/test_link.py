"""The way to a server: retries, timeouts, lost answers, and each voice by its own client."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import pytest

from racto.core.documents import Chunk
from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    InvalidResponseError,
    PartialWriteError,
    RactoGatewayAuthError,
    RactoGatewayTimeoutError,
    RateLimitError,
    StoreClosedError,
)
from racto.core.retries import NO_RETRIES, RetryPolicy
from racto.core.testing.contracts.samples import fan
from racto.stores.qdrant import QdrantStore


def written(loopback: Any) -> int:
    return sum(1 for asked in loopback.asked if asked == ("PUT", "/collections/notes/points"))


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
    store = QdrantStore(url=url, retry=RetryPolicy(attempts=2, base=0.001))
    with pytest.raises(APIConnectionError, match="is the server running") as caught:
        store.count()
    assert url.removeprefix("http://") in str(caught.value)
    with pytest.raises(APIConnectionError):
        asyncio.run(store.aadd(fan(1, 2)))


def test_what_fails_on_the_way_is_asked_again(remote: Any, loopback: Any, faults: Any) -> None:
    remote.add(fan(2, 3))
    loopback.faults = [faults.hang_up, faults.status(503)]
    assert remote.count() == 2
    loopback.faults = [faults.status(500), faults.hang_up]
    assert asyncio.run(remote.acount()) == 2


def test_three_attempts_are_the_end(remote: Any, loopback: Any, faults: Any) -> None:
    remote.add(fan(2, 3))
    loopback.faults = [faults.status(429, Retry_After="0")] * 3
    before = len(loopback.asked)
    with pytest.raises(RateLimitError):
        remote.count()
    assert len(loopback.asked) - before == 3


def test_a_refusal_is_final(remote: Any, loopback: Any, faults: Any) -> None:
    remote.add(fan(2, 3))
    for code, kind in ((400, BadRequestError), (401, RactoGatewayAuthError)):
        loopback.faults = [faults.status(code, "no such thing")]
        before = len(loopback.asked)
        with pytest.raises(kind, match="no such thing"):
            remote.search([1.0, 0.0, 0.0])
        assert len(loopback.asked) - before == 1


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_a_slow_server_is_left_after_the_timeout(loopback: Any, faults: Any, voice: str) -> None:
    store = QdrantStore(url=loopback.url, timeout=0.2, retry=NO_RETRIES)
    loopback.faults = [faults.stall]
    begun = time.monotonic()
    with pytest.raises(RactoGatewayTimeoutError, match="raise timeout"):
        store.count() if voice == "sync" else asyncio.run(store.acount())
    assert time.monotonic() - begun < 5


def test_a_lost_answer_to_a_write_stores_nothing_twice(
    remote: Any, loopback: Any, faults: Any
) -> None:
    remote.create(3)
    loopback.faults = [faults.lose_answer]
    remote.add(fan(3, 3))
    assert written(loopback) == 2
    assert remote.count() == 3


def test_a_lost_answer_to_the_creation_is_no_error(remote: Any, loopback: Any, faults: Any) -> None:
    loopback.faults = [None, faults.lose_answer]
    remote.add(fan(3, 3))
    assert remote.count() == 3


def test_killed_in_mid_batch_says_what_is_stored(remote: Any, loopback: Any, faults: Any) -> None:
    chunks = fan(10, 3)
    remote.add(chunks[:1])
    loopback.faults = [None, *[faults.hang_up] * 3]
    with pytest.raises(PartialWriteError) as caught:
        remote.add(chunks)
    error = caught.value
    assert error.stored == ("c0", "c1", "c2", "c3")
    assert list(error.failed) == ["c4", "c5", "c6", "c7", "c8", "c9"]
    assert "no connection" in error.failed["c4"]
    assert error.retryable
    assert remote.count() == 4
    remote.add([chunk for chunk in chunks if chunk.chunk_id in error.failed])
    assert remote.count() == 10


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_killed_in_mid_search_gives_no_half_of_the_results(
    remote: Any, loopback: Any, faults: Any, voice: str
) -> None:
    remote.add(fan(4, 3))
    query = [1.0, 0.0, 0.0]

    def found() -> Any:
        return remote.search(query) if voice == "sync" else asyncio.run(remote.asearch(query))

    loopback.faults = [faults.half_answer] * 3
    with pytest.raises(APIConnectionError, match="searching"):
        found()
    loopback.faults = [faults.half_answer]
    assert [result.chunk.chunk_id for result in found()] == ["c0", "c1", "c2", "c3"]


def test_nothing_stored_is_no_partial_write(remote: Any, loopback: Any, faults: Any) -> None:
    remote.create(3)
    loopback.faults = [faults.status(507, "disk full")] * 3
    with pytest.raises(Exception, match="disk full") as caught:
        remote.add(fan(10, 3))
    assert not isinstance(caught.value, PartialWriteError)
    assert remote.count() == 0


def test_batches_keep_to_bytes_too(remote: Any, loopback: Any) -> None:
    big = [chunk.with_content("x" * 3_000_000) for chunk in fan(4, 3)]
    remote.add(big)
    assert written(loopback) == 4
    assert [found.content for found in remote.get(["c3"])] == [big[3].content]


def test_what_answers_may_be_no_qdrant(remote: Any, loopback: Any) -> None:
    def page(handler: Any) -> bool:
        handler.reply(200, {"result": {"hello": "world"}})
        return True

    remote.create(3)
    loopback.faults = [page]
    with pytest.raises(InvalidResponseError, match="check the url"):
        remote.count()


def test_no_more_round_trips_than_needed(remote: Any, loopback: Any) -> None:
    remote.add(fan(8, 3))
    # Looked at twice, made, looked at again, five indexes, two batches.
    assert len(loopback.asked) == 11
    assert loopback.indexed["facts.doc_id"] == "keyword"
    before = len(loopback.asked)
    remote.add(fan(4, 3))
    remote.search([1.0, 0.0, 0.0], 3, {"source": "guide.md"})
    remote.search_batch([[1.0, 0.0, 0.0]] * 32)
    remote.get(["c1", "c2"])
    assert len(loopback.asked) - before == 4


def test_two_writers_make_one_collection(loopback: Any) -> None:
    stores = [QdrantStore("notes", url=loopback.url) for _ in range(4)]

    async def both() -> None:
        await asyncio.gather(*(store.aadd(fan(6, 3)) for store in stores))
        for store in stores:
            assert await store.acount() == 6
            await store.aclose()

    asyncio.run(both())


def test_names_are_one_segment_of_the_path(loopback: Any) -> None:
    store = QdrantStore("a b#c&d;é%2e", url=loopback.url)
    store.add(fan(1, 3))
    assert store.count() == 1
    assert all("#" not in path for _, path in loopback.asked)


def test_a_key_travels_in_the_header_alone(loopback: Any, faults: Any) -> None:
    store = QdrantStore(url=loopback.url, api_key="sk-very-secret", retry=NO_RETRIES)
    with pytest.warns(UserWarning, match="insecure connection"):
        store.exists()
    assert loopback.keys == ["sk-very-secret"]
    loopback.faults = [faults.status(403, "forbidden")]
    with pytest.raises(RactoGatewayAuthError) as caught:
        store.count()
    assert "very-secret" not in str(caught.value)


def test_each_loop_has_connections_of_its_own(remote: Any) -> None:
    asyncio.run(remote.aadd(fan(3, 3)))
    assert asyncio.run(remote.acount()) == 3
    asyncio.run(remote.aclose())
    with pytest.raises(StoreClosedError):
        asyncio.run(remote.acount())


def test_grpc_is_asked_on_its_own_port() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    store = QdrantStore(
        url="http://127.0.0.1:1", grpc=True, grpc_port=port, timeout=1, retry=NO_RETRIES
    )
    with pytest.raises(APIConnectionError, match="gRPC") as caught:
        store.add([Chunk(content="", embedding=[1.0])])
    assert str(port) in str(caught.value)
    store.close()
