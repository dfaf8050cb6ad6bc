"""Weaviate's bare client doing the same work: text and metadata in, and their dictionaries out."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from data import KEPT, TEXT, served, vectors


def empty() -> Any:
    """A class for what a careful user of the client stores."""
    import weaviate
    from weaviate.classes.config import Configure, DataType, Property

    rest, grpc = served()
    client = weaviate.connect_to_custom("127.0.0.1", rest, False, "127.0.0.1", grpc, False)
    kinds = {"record": DataType.TEXT, "source": DataType.TEXT, "page": DataType.INT}
    return client.collections.create(
        "Bench",
        vector_config=Configure.Vectors.self_provided(),
        properties=[
            Property(name=name, data_type=kind)
            for name, kind in {**kinds, "shelf": DataType.INT}.items()
        ],
    )


def fill(things: Any, ready: list[Any]) -> None:
    """Objects, a hundred a request."""
    from weaviate.classes.data import DataObject

    for start in range(0, len(ready), 100):
        objects = []
        for number in range(start, min(len(ready), start + 100)):
            facts = {"source": "sea.md", "page": number, "shelf": number % 10}
            record = json.dumps({"text": TEXT, "id": f"c{number}", **facts})
            objects.append(
                DataObject(
                    uuid=uuid5(NAMESPACE_URL, f"c{number}"),
                    properties={**facts, "record": record},
                    vector=ready[number],
                )
            )
        things.data.insert_many(objects)


def add(rows: int, dimension: int, kind: str = "array") -> Callable[[], int]:
    """Objects, a hundred a request."""
    things, ready = empty(), vectors(rows, dimension, kind=kind)

    def once() -> int:
        fill(things, ready)
        return rows

    return once


def search(rows: int, dimension: int, top_k: int, shelf: int | None = None) -> Callable[[], int]:
    """One query at a time, perhaps among every tenth object."""
    things, queries = empty(), vectors(rows, dimension, seed=1)
    fill(things, vectors(KEPT, dimension))

    def once() -> int:
        for query in queries:
            assert len(answer(things, query, top_k, shelf)) == top_k
        return len(queries)

    return once


def search_batch(rows: int, dimension: int, top_k: int) -> Callable[[], int]:
    """All queries, eight threads at a time."""
    things, queries = empty(), vectors(rows, dimension, seed=1)
    fill(things, vectors(KEPT, dimension))

    def once() -> int:
        with ThreadPoolExecutor(max_workers=8) as pool:
            found = list(pool.map(lambda query: answer(things, query, top_k, None), queries))
        return len(found)

    return once


def answer(things: Any, query: list[float], top_k: int, shelf: int | None) -> list[Any]:
    """The records of one query, read back."""
    from weaviate.classes.query import Filter, MetadataQuery

    found = things.query.near_vector(
        query,
        limit=top_k,
        filters=None if shelf is None else Filter.by_property("shelf").equal(shelf),
        include_vector=True,
        return_metadata=MetadataQuery(distance=True),
        return_properties=["record"],
    )
    return [
        (json.loads(o.properties["record"]), o.metadata.distance, o.vector) for o in found.objects
    ]
