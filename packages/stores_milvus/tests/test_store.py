"""What MilvusStore promises beyond the contract, on a real engine, and when it is not there."""

from __future__ import annotations

import asyncio
import math
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from time import sleep
from typing import Any

import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import (
    APIConnectionError,
    ConfigurationError,
    DimensionMismatchError,
    InvalidEmbeddingError,
    NotFoundError,
    PartialWriteError,
    RactoGatewayError,
    StoreClosedError,
)
from racto.stores.milvus import MilvusStore

Make = Callable[..., MilvusStore]


def chunk(name: str, *vector: float, **extra: Any) -> Chunk:
    return Chunk(content=name, chunk_id=name, embedding=vector, metadata=ChunkMetadata(extra=extra))


def circle(count: int, **extra: Any) -> list[Chunk]:
    angles = [3 * number / count for number in range(count)]
    return [
        chunk(f"c{number}", math.cos(angle), math.sin(angle), number=number, **extra)
        for number, angle in enumerate(angles)
    ]


@pytest.mark.parametrize(
    ("metric", "scores"), [("IP", [6.0, 3.0]), ("COSINE", [1.0, 1.0]), ("L2", [0.0, -1.0])]
)
def test_scores_rise_with_nearness(make: Make, metric: str, scores: list[float]) -> None:
    store = make(metric_type=metric)
    near = [2.0, 0.0] if metric == "L2" else [3.0, 0.0]
    store.add([chunk("two", 2.0, 0.0), chunk("one", 1.0, 0.0)])
    found = store.search(near, 2)
    assert [result.score for result in found] == pytest.approx(scores)


def test_an_order_that_milvus_cannot_decide_is_decided_before_the_choice(make: Make) -> None:
    store = make()
    # The far ones match; there are more near ones than the widest request brings.
    langs = ["a"] * 1500 + ["z"] * 4
    store.add(
        [
            chunk(f"c{number}", 10.0 - number / 1000, 1.0, lang=lang)
            for number, lang in enumerate(langs)
        ]
    )
    found = store.search([1.0, 0.0], 3, {"lang": {"$gt": "m"}})
    assert [result.chunk.chunk_id for result in found] == ["c1500", "c1501", "c1502"]
    batch = store.search_batch([[1.0, 0.0], [-1.0, 0.0]], 2, {"lang": {"$gt": "m"}})
    assert [[r.chunk.chunk_id for r in own] for own in batch] == [
        ["c1500", "c1501"],
        ["c1503", "c1502"],
    ]


def test_results_bring_vectors_if_asked_for(make: Make) -> None:
    for wanted in (True, False):
        store = make(vectors_in_results=wanted)
        store.add([chunk("a", 1.0, 0.5)])
        embedding = store.search([1.0, 0.0])[0].chunk.embedding
        assert (embedding is None) is not wanted
        kept = store.get(["a"])[0]
        assert kept is not None
        assert list(kept.embedding or ()) == [1.0, 0.5]


def test_a_collection_is_found_again(make: Make) -> None:
    first = make(metric_type="COSINE")
    first.add(circle(5))
    name = first._settings.collection
    again = make(name, metric_type="COSINE")
    assert again.count() == 5
    with pytest.raises(DimensionMismatchError):
        again.search([1.0, 0.0, 0.0])
    with pytest.raises(DimensionMismatchError):
        make(name, metric_type="COSINE", dimension=3).count()
    with pytest.raises(ConfigurationError, match="metric_type='COSINE'"):
        make(name, metric_type="L2").count()


def test_a_foreign_collection_is_refused(make: Make, lite: str) -> None:
    from pymilvus import MilvusClient

    client = MilvusClient(lite)
    client.create_collection("foreign", dimension=2)
    client.close()
    with pytest.raises(ConfigurationError, match="not made by racto"):
        make("foreign").add([chunk("a", 1.0, 0.0)])


def test_a_collection_that_is_dropped_meanwhile_is_named(make: Make) -> None:
    one = make()
    one.add(circle(3))
    two = make(one._settings.collection)
    assert two.count() == 3
    one.drop()
    with pytest.raises(NotFoundError, match=r"create\(\)"):
        two.count()
    # And then it is known to be gone.
    assert two.count() == 0


def test_top_k_ends_where_milvus_ends(make: Make) -> None:
    with pytest.raises(ConfigurationError, match="16384"):
        make().search([1.0, 0.0], 16_385)


def test_nan_is_refused_and_makes_no_collection(make: Make) -> None:
    store = make()
    with pytest.raises(InvalidEmbeddingError, match="'bad'"):
        store.add([chunk("good", 1.0, 0.0), chunk("bad", math.nan, 0.0)])
    assert not store.exists()


def test_one_store_serves_several_event_loops(make: Make) -> None:
    store = make()

    async def work(number: int) -> int:
        await store.aadd([chunk(f"c{number}", 1.0, float(number))])
        return await store.acount()

    assert [asyncio.run(work(number)) for number in range(3)] == [1, 2, 3]
    store.flush()
    assert store.count() == 3


def test_nobody_at_home_is_said_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = MilvusStore(host="127.0.0.1", port=port, token="root:hush-hush", timeout=2)
    with pytest.raises(APIConnectionError, match="is Milvus running there") as caught:
        store.add([chunk("a", 1.0, 0.0)])
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is not None
    with pytest.raises(RactoGatewayError):
        asyncio.run(store.asearch([1.0, 0.0]))
    store.close()


def test_a_server_that_stops_in_mid_batch_leaves_a_report(tmp_path: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", str(tmp_path)]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as running:
        try:
            for _ in range(300):
                with suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                sleep(0.1)
            store = MilvusStore("c", host="127.0.0.1", port=port, timeout=2, batch_size=10)
            store.add(circle(10))
            ask, calls = store._shelf.ask, iter(range(99))

            def asking(method: str, **given: Any) -> Any:
                if method == "upsert" and next(calls) == 1:
                    running.send_signal(signal.SIGKILL)
                    running.wait()
                return ask(method, **given)

            store._shelf.ask = asking  # type: ignore[method-assign]
            with pytest.raises(PartialWriteError, match="10 of 30") as caught:
                store.add(circle(30))
        finally:
            running.kill()
    assert caught.value.stored == tuple(f"c{number}" for number in range(10))
    assert set(caught.value.failed) == {f"c{number}" for number in range(10, 30)}
    store.close()


def test_every_use_after_close_says_so(make: Make) -> None:
    store = make()
    store.add([chunk("a", 1.0, 0.0)])
    store.close()
    uses = [
        lambda: store.get(["a"]), lambda: next(store.scan()), store.exists, store.drop,
        lambda: store.create(2), store.flush, lambda: store.delete_where({"a": 1}),
        lambda: store.search_batch([]),
    ]  # fmt: skip
    for use in uses:
        with pytest.raises(StoreClosedError):
            use()
    with pytest.raises(StoreClosedError):
        asyncio.run(store.asearch([1.0, 0.0]))
