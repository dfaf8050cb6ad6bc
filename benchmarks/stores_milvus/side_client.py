"""The bare client on Milvus Lite: columns for text, metadata as JSON and the value to filter by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from itertools import count
from tempfile import mkdtemp
from typing import Any

from data import chunks, matrix
from pymilvus import DataType, MilvusClient

FIELDS = ["id", "text", "metadata"]


def add(rows: int, dimension: int) -> Callable[[], None]:
    """Chunks that are ready, into an empty collection."""
    batches = list(chunks(rows, dimension))
    client = _client()

    def once() -> None:
        client.drop_collection("bench")
        _fill(client, batches, dimension)

    return once


def search(rows: int, dimension: int) -> Callable[[], None]:
    """One query at a time."""
    client, queries, turn = _filled(rows, dimension), matrix(64, dimension, seed=1), count()
    return lambda: _found(client, queries[next(turn) % 64][None]) and None


def search_batch(rows: int, dimension: int) -> Callable[[], None]:
    """Thirty-two queries in one call."""
    client, queries = _filled(rows, dimension), matrix(32, dimension, seed=1)
    return lambda: _found(client, queries) and None


def search_filtered(rows: int, dimension: int) -> Callable[[], None]:
    """One query at a time among every tenth chunk."""
    client, queries, turn = _filled(rows, dimension), matrix(64, dimension, seed=1), count()
    return lambda: _found(client, queries[next(turn) % 64][None], "shelf == 3") and None


def _client() -> MilvusClient:
    return MilvusClient(f"{mkdtemp()}/bench.db")


def _filled(rows: int, dimension: int) -> MilvusClient:
    client = _client()
    _fill(client, chunks(rows, dimension), dimension)
    return client


def _fill(client: MilvusClient, batches: Any, dimension: int) -> None:
    schema = client.create_schema(auto_id=False)
    schema.add_field("id", DataType.VARCHAR, is_primary=True, max_length=512)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    schema.add_field("text", DataType.VARCHAR, max_length=65_535)
    schema.add_field("metadata", DataType.JSON)
    schema.add_field("shelf", DataType.INT64)
    index = client.prepare_index_params()
    index.add_index("vector", index_type="FLAT", metric_type="IP")
    client.create_collection("bench", schema=schema, index_params=index, consistency_level="Strong")
    for batch in batches:
        client.upsert("bench", [_row(chunk) for chunk in batch])
    client.flush("bench")
    client.load_collection("bench")


def _row(chunk: Any) -> dict[str, Any]:
    return {
        "id": chunk.chunk_id,
        "vector": chunk.embedding.tolist(),
        "text": chunk.content,
        "metadata": asdict(chunk.metadata),
        "shelf": chunk.metadata.extra["shelf"],
    }


def _found(client: MilvusClient, queries: Any, condition: str = "") -> list[list[tuple[Any, ...]]]:
    answer = client.search(
        "bench",
        queries.tolist(),
        limit=10,
        filter=condition,
        output_fields=FIELDS,
        consistency_level="Strong",
    )
    found = [
        [(hit["distance"], *map(hit["entity"].get, FIELDS)) for hit in hits] for hits in answer
    ]
    assert all(len(hits) == 10 for hits in found)
    return found
