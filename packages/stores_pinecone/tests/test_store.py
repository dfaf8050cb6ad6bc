"""What PineconeStore promises beyond the contract: isolation, long texts, honest failures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import (
    ConfigurationError,
    InvalidEmbeddingError,
    PartialWriteError,
    StoreError,
)
from racto.stores.pinecone import PineconeStore, writing
from racto.stores.pinecone.records import key_of
from racto.testing import Conduct, Failure, Incoming
from racto.testing.pinecone import PineconeServer

Make = Callable[..., PineconeStore]


def chunk(name: str, *vector: float, content: str = "", **extra: object) -> Chunk:
    metadata = ChunkMetadata(source="a.md", extra=extra)
    return Chunk(
        content=content or name, chunk_id=name, embedding=vector or (1.0, 0.0), metadata=metadata
    )


def only(path: str, failure: Failure) -> Callable[[Incoming], Failure | None]:
    return lambda request: failure if request.path.endswith(path) else None


def test_scores_are_those_of_the_metric(server: PineconeServer, make: Make) -> None:
    server.create_index("far", dimension=2, metric="euclidean")
    for name, expected in (("chunks", [1.0, 0.0]), ("far", [-2.0, -5.0])):
        store = make(name)
        store.add([chunk("along", 3.0, 0.0), chunk("across", 5.0 - 5.0, 0.0 + 1e-9)])
        store.add([chunk("across", 5.0, 5.0)] if name == "far" else [chunk("across", 0.0, 2.0)])
        query = [5.0, 0.0]
        found = store.search(query)
        assert [result.score for result in found] == pytest.approx(expected)


def test_namespaces_are_isolated(make: Make) -> None:
    one, two, default = make(namespace="one"), make(namespace="two"), make()
    one.add([chunk("a", content="first")])
    two.add([chunk("a", content="second" * 20_000)])
    assert (one.count(), two.count(), default.count()) == (1, 1, 0)
    two.clear()
    assert one.search([1.0, 0.0])[0].chunk.content == "first"
    assert two.search([1.0, 0.0]) == []


def test_a_store_that_opens_later_finds_all(make: Make) -> None:
    kept = {
        "day": date(2026, 1, 31),
        "moment": datetime(2026, 1, 31, 12, tzinfo=UTC),
        "pair": (1, "two"),
        "$date": "no date",
        "none": None,
    }
    make().add([chunk("a", content="word " * 30_000, **kept)])
    (found,) = make().search([1.0, 0.0])
    assert found.chunk.content == "word " * 30_000
    assert found.chunk.metadata.extra == kept
    assert found.chunk.embedding == [1.0, 0.0]


def test_a_long_text_that_is_replaced_leaves_nothing(
    server: PineconeServer, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make()
    # As if an hour had passed between the writes.
    monkeypatch.setattr(writing, "GRACE_SECONDS", -1.0)
    store.add([chunk("a", content="x" * 200_000), chunk("b", content="y" * 100_000)])
    store.add([chunk("a", content="z" * 150_000)])
    assert store.get(["a"])[0] == chunk("a", content="z" * 150_000)
    store.add([chunk("a", content="short")])
    store.delete(["b"])
    index = server._protocol.indexes.named("chunks")
    assert index.found("racto-parts") is not None
    assert index.namespaces["racto-parts"].visible() == {}


def test_a_chunk_beyond_the_limit_stores_nothing(make: Make) -> None:
    store = make()
    with pytest.raises(StoreError, match="at most 16777216"):
        store.add([chunk("a"), chunk("b", content="x" * 17_000_000)])
    assert store.count() == 0


@pytest.mark.parametrize("vector", [(0.0, 0.0), (float("nan"), 1.0), (1e39, 1.0)])
def test_vectors_that_pinecone_refuses_store_nothing(
    make: Make, vector: tuple[float, float]
) -> None:
    store = make()
    with pytest.raises(InvalidEmbeddingError, match="'b'"):
        store.add([chunk("a"), chunk("b", *vector)])
    assert store.count() == 0


def test_a_loose_filter_looks_at_more_candidates(make: Make) -> None:
    store = make()
    store.add([chunk(f"c{i}", 1.0, i / 1000, lang="en") for i in range(300)])
    store.add([chunk("far", -1.0, 0.0, lang="de"), chunk("last", -1.0, 0.1)])
    found = store.search([1.0, 0.0], 2, {"lang": {"$ne": "en"}})
    assert [result.chunk.chunk_id for result in found] == ["last", "far"]


def test_more_than_pinecone_ranks_are_compared_here(make: Make) -> None:
    store = make()
    store.add([chunk("across", 0.0, 1.0), chunk("along", 1.0, 0.0), chunk("away", -1.0, 0.0)])
    found = store.search([1.0, 0.0], 10_001)
    assert [result.chunk.chunk_id for result in found] == ["along", "across", "away"]
    assert [result.score for result in found] == pytest.approx([1.0, 0.0, -1.0])


def test_half_a_write_says_what_is_stored(server: PineconeServer, make: Make) -> None:
    store = make(batch_size=2)
    refused = key_of("c2")

    def rule(request: Incoming) -> Failure | None:
        is_refused = request.path.endswith("/upsert") and refused in request.body.decode()
        return Failure(kind="bad_request", message="no more") if is_refused else None

    server.when(rule)
    with pytest.raises(PartialWriteError, match="of 60 chunks are stored") as caught:
        store.add([chunk(f"c{i}") for i in range(60)])
    stored, failed = caught.value.stored, caught.value.failed
    assert set(stored) | set(failed) == {f"c{i}" for i in range(60)}
    assert set(stored).isdisjoint(failed)
    assert {"c0", "c1"} <= set(stored)
    assert "no more" in failed["c2"]
    assert "no more" in failed["c3"]
    assert "not sent" in failed["c59"]
    found = store.get([f"c{i}" for i in range(60)])
    assert [each.chunk_id for each in found if each is not None] == sorted(
        stored, key=lambda chunk_id: int(chunk_id[1:])
    )


def test_a_server_that_dies_amid_a_write_is_told(server: PineconeServer, make: Make) -> None:
    store = make(batch_size=5, timeout=2.0)
    assert store.search([1.0, 0.0]) == []
    dying = key_of("c7")

    def rule(request: Incoming) -> Failure | None:
        is_dying = request.path.endswith("/upsert") and dying in request.body.decode()
        return Failure(conduct=Conduct(hang_up=True)) if is_dying else None

    server.when(rule)
    with pytest.raises(PartialWriteError, match="cannot be reached") as caught:
        store.add([chunk(f"c{i}") for i in range(10)])
    assert caught.value.retryable
    assert caught.value.stored == tuple(f"c{i}" for i in range(5))


def test_a_server_that_dies_amid_a_search_is_told(server: PineconeServer, make: Make) -> None:
    store = make(timeout=2.0)
    store.add([chunk("a")])
    server.when(only("/query", Failure(conduct=Conduct(hang_up=True))))
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        store.search_batch([[1.0, 0.0]] * 3)
    assert caught.value.retryable


def test_no_key_or_value_is_read_as_a_query(make: Make) -> None:
    store = make()
    nasty = ["$or", "x.$in", '"}, "$exists": true', "_record", "_racto", "_others", "$date", ""]
    store.add([chunk(f"c{n}", **{key: key}) for n, key in enumerate(nasty)])
    for number, key in enumerate(nasty):
        if key.startswith("$") or not key:
            continue
        found = store.search([1.0, 0.0], 10, {key: key})
        assert [each.chunk.chunk_id for each in found] == [f"c{number}"]
        assert found[0].chunk.metadata.extra == {key: key}
        assert store.search([1.0, 0.0], 10, {key: {"$eq": '{"$exists": true}'}}) == []
    assert store.count() == len(nasty)


def test_round_trips_are_those_of_the_bare_client(server: PineconeServer, make: Make) -> None:
    store = make()

    def asked(do: Callable[[], object]) -> int:
        before = len(server.requests)
        do()
        return len(server.requests) - before

    some = [chunk(f"c{n}", 1.0, n / 1000) for n in range(1000)]
    # The address of the index and what it is, once.
    assert asked(lambda: store.add(some)) == 2 + 10
    assert asked(lambda: store.search([1.0, 0.0], 10)) == 1
    assert asked(lambda: store.search([1.0, 0.0], 10, {"source": "a.md"})) == 1
    assert asked(lambda: store.search_batch([[1.0, 0.0]] * 32, 10)) == 32
    assert asked(lambda: store.get([f"c{n}" for n in range(100)])) == 2
    assert asked(lambda: store.delete([f"c{n}" for n in range(1000)])) == 1


def test_two_writers_of_one_long_chunk_leave_a_whole_one(make: Make) -> None:
    stores = [make(), make()]
    texts = ["a" * 150_000, "b" * 150_000]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for _ in range(5):
            writes = [
                (store, [chunk("same", content=text)])
                for store, text in zip(stores, texts, strict=True)
            ]
            list(pool.map(lambda write: write[0].add(write[1]), writes))
            (found,) = stores[0].get(["same"])
            assert found is not None
            assert found.content in texts
    stores[0].add([chunk("same", content=texts[0])])
    assert stores[1].get(["same"]) == [chunk("same", content=texts[0])]


def test_throttling_is_waited_for(server: PineconeServer, make: Make) -> None:
    store = make()
    store.add([])
    assert store.search([1.0, 0.0]) == []
    server.fail("rate_limited", retry_after=0.1)
    server.fail("overloaded")
    store.add([chunk("a")])
    assert [r.path.rpartition("/")[2] for r in server.requests[-3:]] == ["upsert"] * 3
    assert store.count() == 1


def test_the_key_is_in_no_error(server: PineconeServer) -> None:
    store = PineconeStore("chunks", api_key="pcsk-very-secret", control_host=server.url)
    with pytest.raises(StoreError, match="check api_key") as caught:
        store.count()
    store.close()
    assert caught.value.status_code == 401
    assert not caught.value.retryable
    assert "secret" not in f"{caught.value} {store!r}"


def test_an_index_that_is_not_there_is_named(make: Make) -> None:
    store = make("nowhere")
    with pytest.raises(StoreError, match=r"'nowhere'.*create\(\)"):
        store.add([chunk("a")])
    store.create(2)
    store.add([chunk("a")])
    assert store.count() == 1


def test_a_server_that_is_down_is_told(unreachable: str) -> None:
    with_host = PineconeStore("chunks", api_key="k", host=unreachable, timeout=2.0)
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        with_host.count()
    with_host.close()
    assert caught.value.retryable


def test_a_slow_server_is_not_waited_for(server: PineconeServer, make: Make) -> None:
    server.when(only("stats", Failure(conduct=Conduct(delay=5.0))))
    store = make(timeout=0.1)
    with pytest.raises(StoreError, match="in time") as caught:
        store.count()
    assert caught.value.retryable


def test_an_index_shared_with_others_is_not_dropped(make: Make) -> None:
    mine, other = make(namespace="mine"), make(namespace="other")
    other.add([chunk("a")])
    mine.add([chunk("b")])
    with pytest.raises(StoreError, match="'other'"):
        mine.drop()
    other.clear()
    mine.drop()
    assert not mine.exists()


def test_another_metric_is_not_taken_for_the_same(make: Make) -> None:
    with pytest.raises(StoreError, match="metric 'euclidean'"):
        make(metric="euclidean").create(2)


def test_records_of_others_are_not_guessed_at(server: PineconeServer, make: Make) -> None:
    from pinecone.index import Index

    with Index(host=server.host_of("chunks"), api_key="test-key") as index:
        index.upsert(vectors=[{"id": "theirs", "values": [1.0, 0.0], "metadata": {"k": "v"}}])
    with pytest.raises(StoreError, match="racto did not write"):
        make().search([1.0, 0.0])


def test_two_loops_and_a_thread_share_a_store(make: Make) -> None:
    store = make()
    for number in range(3):
        asyncio.run(store.aadd([chunk(f"c{number}")]))
    assert store.count() == 3

    async def last() -> int:
        found = await store.acount()
        await store.aclose()
        return found

    assert asyncio.run(last()) == 3


def test_results_without_vectors_are_smaller(server: PineconeServer, make: Make) -> None:
    store = make(include_vectors=False)
    store.add([chunk("a")])
    assert store.search([1.0, 0.0])[0].chunk.embedding is None
    assert server.last.json["includeValues"] is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"batch_size": 0},
        {"batch_size": 1001},
        {"metric": "manhattan"},
        {"namespace": "ü"},
        {"timeout": 0},
        {"index_name": ""},
        {"api_key": None},
    ],
    ids=str,
)
def test_arguments_out_of_range_are_refused(
    wrong: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PINECONE_API_KEY", raising=False)
    arguments: dict[str, object] = {"index_name": "chunks", "api_key": "k", **wrong}
    with pytest.raises(ConfigurationError):
        PineconeStore(**arguments)  # type: ignore[arg-type]


def test_the_key_comes_from_the_environment(
    server: PineconeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PINECONE_API_KEY", "test-key")
    store = PineconeStore("chunks", host=server.host_of("chunks"))
    assert store.count() == 0
    store.close()
