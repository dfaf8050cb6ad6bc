"""What WeaviateStore promises beyond the contract: tenants, distances, honest failures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from racto.core.documents import Chunk, ChunkMetadata
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    InvalidEmbeddingError,
    StoreError,
)
from racto.stores.weaviate import WeaviateStore
from racto.testing.weaviate import WeaviateServer

Make = Callable[..., WeaviateStore]


def chunk(name: str, *vector: float, content: str = "", **extra: object) -> Chunk:
    metadata = ChunkMetadata(source="a.md", extra=extra)
    return Chunk(
        content=content or name, chunk_id=name, embedding=vector or (1.0, 0.0), metadata=metadata
    )


@pytest.mark.parametrize(
    ("distance", "expected"),
    [("cosine", [1.0, 0.0]), ("dot", [15.0, 0.0]), ("l2-squared", [-2.0, -5.385164807])],
)
def test_scores_are_those_of_the_distance(
    make: Make, server: WeaviateServer, distance: str, expected: list[float]
) -> None:
    store = make(distance_metric=distance)
    store.add([chunk("across", 0.0, 2.0), chunk("along", 3.0, 0.0)])
    found = store.search([5.0, 0.0])
    assert [result.chunk.chunk_id for result in found] == ["along", "across"]
    assert [result.score for result in found] == pytest.approx(expected)


def test_a_class_with_another_distance_is_refused(make: Make) -> None:
    make().create(2)
    with pytest.raises(StoreError, match="distance_metric='cosine'"):
        make(distance_metric="dot").search([1.0, 0.0])


def test_tenants_are_isolated(make: Make) -> None:
    one, two, third = make(tenant="one"), make(tenant="two"), make(tenant="three")
    one.add([chunk("a", content="first")])
    two.add([chunk("a", content="second"), chunk("b")])
    assert (one.count(), two.count(), third.count()) == (1, 2, 0)
    two.clear()
    assert one.search([1.0, 0.0])[0].chunk.content == "first"
    assert third.search([1.0, 0.0]) == []
    third.delete(["a"])


def test_a_class_without_tenants_says_so(make: Make) -> None:
    make().create(2)
    with pytest.raises(StoreError, match="multi-tenancy disabled"):
        make(tenant="one").add([chunk("a")])


def test_a_store_that_opens_later_finds_all(make: Make) -> None:
    kept: dict[str, Any] = {
        "day": date(2026, 1, 31),
        "moment": datetime(2026, 1, 31, 12, tzinfo=UTC),
        "pair": (1, "two"),
        "$date": "no date",
    }
    make(distance_metric="dot").add([chunk("a", 3.0, 4.0, **kept)])
    later = make(distance_metric="dot")
    (found,) = later.search([1.0, 0.0], filters={"day": date(2026, 1, 31)})
    assert found.chunk.metadata.extra == kept
    assert found.chunk.embedding == [3.0, 4.0]
    with pytest.raises(DimensionMismatchError):
        later.add([chunk("b", 1.0, 0.0, 0.0)])


def test_a_loose_filter_looks_at_more_candidates(make: Make) -> None:
    store = make()
    store.add([chunk(f"c{i}", 1.0, i / 1000, lang="en") for i in range(300)])
    store.add([chunk("far", -1.0, 0.0, lang="de"), chunk("last", -1.0, 0.1)])
    found = store.search([1.0, 0.0], 2, {"lang": {"$ne": "en"}})
    assert [result.chunk.chunk_id for result in found] == ["last", "far"]


def test_more_than_weaviate_ranks_are_compared_here(make: Make) -> None:
    store = make()
    store.add([chunk("across", 0.0, 1.0), chunk("along", 1.0, 0.0), chunk("away", -1.0, 0.0)])
    found = store.search([1.0, 0.0], 10_001)
    assert [result.chunk.chunk_id for result in found] == ["along", "across", "away"]
    assert [result.score for result in found] == pytest.approx([1.0, 0.0, -1.0])


def test_many_chunks_are_scanned_by_filter_and_cleared(make: Make) -> None:
    store = make(batch_size=500)
    store.add([chunk(f"c{i}", 1.0, i / 100, even=i % 2 == 0) for i in range(450)])
    pages = list(store.scan(100, {"even": True}))
    assert [len(page) for page in pages] == [100, 100, 25]
    assert len({each.chunk_id for page in pages for each in page}) == 225
    assert store.delete_where({"even": {"$ne": True}}) == 225
    store.clear()
    assert store.count() == 0


def test_vectors_that_are_none_store_nothing(make: Make) -> None:
    store = make()
    for vector in ((float("nan"), 1.0), (1e39, 1.0)):
        with pytest.raises(InvalidEmbeddingError, match="'b'"):
            store.add([chunk("a"), chunk("b", *vector)])
    assert store.count() == 0


def test_a_wrong_key_is_in_no_error(server: WeaviateServer, make: Make) -> None:
    store = make(api_key="very-secret-key")
    with pytest.raises(StoreError) as caught:
        store.count()
    assert "secret" not in f"{caught.value} {store!r}"


def test_a_server_that_is_down_is_told(unreachable: WeaviateStore) -> None:
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        unreachable.count()
    assert caught.value.retryable


async def test_a_server_that_is_down_is_told_to_tasks(unreachable: WeaviateStore) -> None:
    with pytest.raises(StoreError, match="cannot be reached"):
        await unreachable.acount()


def test_objects_of_others_are_not_guessed_at(server: WeaviateServer, make: Make) -> None:
    import weaviate
    from weaviate.classes.data import DataObject
    from weaviate.classes.init import Auth

    store = make()
    store.create(2)
    port = int(server.url.rpartition(":")[2])
    with weaviate.connect_to_custom(
        "127.0.0.1", port, False, "127.0.0.1", server.grpc_port, False,
        auth_credentials=Auth.api_key("test-key"), skip_init_checks=True,
    ) as client:  # fmt: skip
        objects = [DataObject(properties={"page": 1}, vector=[1.0, 0.0])]
        client.collections.use("RactoChunk").data.insert_many(objects)
    with pytest.raises(StoreError, match="racto did not write"):
        store.search([1.0, 0.0])


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


def test_results_without_vectors(make: Make) -> None:
    store = make(include_vectors=False)
    store.add([chunk("a")])
    assert store.search([1.0, 0.0])[0].chunk.embedding is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"class_name": "lower"},
        {"class_name": "A b"},
        {"tenant": "a/b"},
        {"distance_metric": "hamming"},
        {"batch_size": 0},
        {"timeout": 0},
    ],
    ids=str,
)
def test_arguments_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        WeaviateStore(**wrong)  # type: ignore[arg-type]


def test_an_address_that_is_none_is_refused() -> None:
    for url, port in (("ftp://localhost", 1), ("http://localhost:80", 80)):
        store = WeaviateStore(url=url, grpc_port=port)
        with pytest.raises(ConfigurationError, match="url"):
            store.count()
        store.close()


def test_headers_reach_the_service(server: WeaviateServer, make: Make) -> None:
    make(additional_headers={"X-OpenAI-Api-Key": "of-somebody"}).exists()
    assert server.last.headers["x-openai-api-key"] == "of-somebody"
