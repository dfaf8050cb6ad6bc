"""qdrant-client as its documentation uses it: the same texts and metadata as a nested payload."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from data import matrix, text
from qdrant_client import QdrantClient, models


def add(rows: int, dimension: int) -> Callable[[], int]:
    """Vectors and payloads, into an empty collection."""
    vectors, payloads = matrix(rows, dimension, seed=0), payloads_of(rows)

    def once() -> int:
        fill(QdrantClient(":memory:"), vectors, payloads).close()
        return rows

    return once


def search(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time."""
    client, queries = filled(rows, dimension), matrix(64, dimension, seed=1)
    turn = iter(range(1 << 60))

    def once() -> int:
        query = queries[next(turn) % 64].tolist()
        assert len(client.query_points("bench", query=query, limit=top_k).points) == top_k
        return 1

    return once


def search_batch(rows: int, dimension: int, top_k: int, batch: int) -> Callable[[], int]:
    """A batch of queries in one call."""
    client, queries = filled(rows, dimension), matrix(batch, dimension, seed=1)

    def once() -> int:
        requests = [
            models.QueryRequest(query=query.tolist(), limit=top_k, with_payload=True)
            for query in queries
        ]
        return len(client.query_batch_points("bench", requests=requests))

    return once


def search_filtered(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time among every tenth point."""
    client, queries = filled(rows, dimension), matrix(64, dimension, seed=1)
    turn = iter(range(1 << 60))
    third = models.FieldCondition(key="metadata.shelf", match=models.MatchValue(value="s3"))

    def once() -> int:
        found = client.query_points(
            "bench",
            query=queries[next(turn) % 64].tolist(),
            limit=top_k,
            query_filter=models.Filter(must=[third]),
        )
        assert len(found.points) == top_k
        return 1

    return once


def filled(rows: int, dimension: int) -> Any:
    """A client with a collection of so many points."""
    return fill(QdrantClient(":memory:"), matrix(rows, dimension, seed=0), payloads_of(rows))


def fill(client: QdrantClient, vectors: Any, payloads: list[dict[str, Any]]) -> QdrantClient:
    """Make the collection and write all points in batches of a hundred."""
    client.create_collection(
        "bench",
        vectors_config=models.VectorParams(size=vectors.shape[1], distance=models.Distance.COSINE),
    )
    for at in range(0, len(payloads), 100):
        part = payloads[at : at + 100]
        client.upsert(
            "bench",
            points=[
                models.PointStruct(
                    id=str(uuid.uuid5(uuid.NAMESPACE_URL, payload["chunk_id"])),
                    vector=vectors[at + offset].tolist(),
                    payload=payload,
                )
                for offset, payload in enumerate(part)
            ],
        )
    return client


def payloads_of(rows: int) -> list[dict[str, Any]]:
    """Text and metadata of so many chunks."""
    return [
        {
            "chunk_id": f"f3b1c9d2e4a5:{number * 460}-{number * 460 + 512}",
            "content": text(number),
            "metadata": {
                "source": "corpus/handbook.md",
                "doc_id": "f3b1c9d2e4a5",
                "chunk_index": number,
                "total_chunks": rows,
                "start_char": number * 460,
                "end_char": number * 460 + 512,
                "shelf": f"s{number % 10}",
            },
        }
        for number in range(rows)
    ]
