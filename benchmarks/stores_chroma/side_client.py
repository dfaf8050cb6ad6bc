"""chromadb as its documentation uses it: the same texts, and metadata as flat entries."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import chromadb
from chromadb.config import Settings
from data import matrix, text

_NUMBER = itertools.count()


def add(rows: int, dimension: int) -> Callable[[], int]:
    """Vectors, texts and metadata, into an empty collection."""
    vectors, records = matrix(rows, dimension, seed=0), records_of(rows)

    def once() -> int:
        client, collection = fill(vectors, records)
        client.delete_collection(collection.name)
        return rows

    return once


def search(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time."""
    collection, queries = filled(rows, dimension), matrix(64, dimension, seed=1)
    turn = iter(range(1 << 60))

    def once() -> int:
        found = collection.query(query_embeddings=[queries[next(turn) % 64]], n_results=top_k)
        assert len(found["ids"][0]) == top_k
        return 1

    return once


def search_batch(rows: int, dimension: int, top_k: int, batch: int) -> Callable[[], int]:
    """A batch of queries in one call."""
    collection, queries = filled(rows, dimension), matrix(batch, dimension, seed=1)

    def once() -> int:
        return len(collection.query(query_embeddings=queries, n_results=top_k)["ids"])

    return once


def search_filtered(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """One query at a time among every tenth record."""
    collection, queries = filled(rows, dimension), matrix(64, dimension, seed=1)
    turn = iter(range(1 << 60))

    def once() -> int:
        query = queries[next(turn) % 64]
        found = collection.query(query_embeddings=[query], n_results=top_k, where={"shelf": "s3"})
        assert len(found["ids"][0]) == top_k
        return 1

    return once


def filled(rows: int, dimension: int) -> Any:
    """A collection of so many records."""
    return fill(matrix(rows, dimension, seed=0), records_of(rows))[1]


def fill(vectors: Any, records: list[tuple[str, str, dict[str, Any]]]) -> tuple[Any, Any]:
    """Make a collection and write all records in batches of a thousand."""
    client = chromadb.EphemeralClient(settings=Settings(anonymized_telemetry=False))
    collection = client.create_collection(
        f"bench-{next(_NUMBER)}",
        embedding_function=None,
        configuration={"hnsw": {"space": "cosine"}},
    )
    for at in range(0, len(records), 1000):
        part = records[at : at + 1000]
        collection.upsert(
            ids=[record[0] for record in part],
            documents=[record[1] for record in part],
            metadatas=[record[2] for record in part],
            embeddings=vectors[at : at + 1000],
        )
    return client, collection


def records_of(rows: int) -> list[tuple[str, str, dict[str, Any]]]:
    """Id, text and metadata of so many chunks."""
    return [
        (
            f"f3b1c9d2e4a5:{number * 460}-{number * 460 + 512}",
            text(number),
            {
                "source": "corpus/handbook.md",
                "doc_id": "f3b1c9d2e4a5",
                "chunk_index": number,
                "total_chunks": rows,
                "start_char": number * 460,
                "end_char": number * 460 + 512,
                "shelf": f"s{number % 10}",
            },
        )
        for number in range(rows)
    ]
