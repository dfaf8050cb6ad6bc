"""What the server makes of the official client's calls."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from racto.testing import Failure
from racto.testing.weaviate import WeaviateServer

weaviate: Any = pytest.importorskip("weaviate", reason="needs the extra racto-testing[weaviate]")


def put(things: Any, number: int, *vector: float, **properties: Any) -> Any:
    from weaviate.classes.data import DataObject

    each = DataObject(uuid=UUID(int=number), properties=properties, vector=list(vector))
    return things.data.insert_many([each])


def numbers(answer: Any) -> list[int]:
    return [each.uuid.int for each in answer.objects]


def test_objects_are_searched(things: Any) -> None:
    from weaviate.classes.query import MetadataQuery

    put(things, 1, 2.0, 0.0, record="a", tokens=["x", "y"], page=3, ok=True, size=0.5)
    put(things, 2, 0.0, 1.0, record="b")
    found = things.query.near_vector(
        [1.0, 0.0], limit=5, include_vector=True, return_metadata=MetadataQuery(distance=True)
    )
    assert numbers(found) == [1, 2]
    first = found.objects[0]
    assert first.metadata.distance == 0.0
    assert first.vector == {"default": [1.0, 0.0]}
    some = things.query.near_vector([1.0, 0.0], limit=1, return_properties=["record", "tokens"])
    assert some.objects[0].properties == {"record": "a", "tokens": ["x", "y"]}


def test_filters_decide(things: Any) -> None:
    from weaviate.classes.query import Filter

    put(things, 1, 1.0, 0.0, tokens=["x", "y"], page=3, ok=True, size=0.5)
    put(things, 2, 1.0, 0.0, tokens=["z"], page=4, ok=False, size=1.5)
    tokens, page = Filter.by_property("tokens"), Filter.by_property("page")
    cases = [
        (tokens.contains_any(["x", "q"]), [1]),
        (tokens.contains_all(["x", "y"]), [1]),
        (tokens.contains_none(["x"]), [2]),
        (page.greater_than(3), [2]),
        (page.less_or_equal(4), [1, 2]),
        (Filter.by_property("ok").equal(True), [1]),
        (Filter.by_property("size").greater_or_equal(1.5), [2]),
        (Filter.by_id().contains_any([UUID(int=2)]), [2]),
        (tokens.contains_any(["x"]) | page.equal(4), [1, 2]),
        (tokens.contains_any(["x"]) & page.equal(4), []),
        (Filter.not_(page.equal(4)), [1]),
    ]
    for condition, expected in cases:
        found = numbers(things.query.fetch_objects(filters=condition, limit=10))
        assert found == expected, condition


def test_objects_are_replaced_counted_walked_and_deleted(things: Any) -> None:
    from weaviate.classes.query import Filter

    for number in (3, 1, 2, 2):
        put(things, number, 1.0, float(number), page=number)
    assert things.aggregate.over_all(total_count=True).total_count == 3
    page = things.query.fetch_objects(limit=2)
    assert numbers(page) == [1, 2]
    assert numbers(things.query.fetch_objects(limit=2, after=page.objects[-1].uuid)) == [3]
    assert numbers(things.query.fetch_objects(limit=2, offset=1)) == [2, 3]
    gone = things.data.delete_many(where=Filter.by_property("page").greater_than(1))
    assert (gone.matches, gone.successful) == (2, 2)
    assert things.aggregate.over_all(total_count=True).total_count == 1


@pytest.mark.parametrize(
    ("vector", "properties", "words"),
    [
        ([1.0, 0.0, 0.0], {}, "vector with length 3. Existing nodes have vectors with length 2"),
        ([1.0, 0.0], {"page": "x"}, "invalid int property 'page'"),
        ([1.0, 0.0], {"page": 1.5}, "invalid int property 'page'"),
        ([1.0, 0.0], {"page": True}, "invalid int property 'page'"),
        ([1.0, 0.0], {"record": 1}, "invalid text property 'record'"),
        ([1.0, 0.0], {"unknown": 1}, "no such prop with name 'unknown'"),
    ],
)
def test_each_object_is_refused_on_its_own(
    things: Any, vector: list[float], properties: dict[str, Any], words: str
) -> None:
    from weaviate.classes.data import DataObject

    objects = [
        DataObject(properties={}, vector=[1.0, 0.0]),
        DataObject(properties=properties, vector=vector),
    ]
    answer = things.data.insert_many(objects)
    assert words in answer.errors[1].message
    assert things.aggregate.over_all(total_count=True).total_count == 1


def test_queries_that_the_service_refuses(client: Any, things: Any) -> None:
    from weaviate.classes.query import Filter
    from weaviate.exceptions import WeaviateQueryError

    put(things, 1, 1.0, 0.0)
    query, page = things.query, Filter.by_property("page")
    refused: list[tuple[Any, str]] = [
        (lambda: query.fetch_objects(limit=10_001), "maximum results"),
        (lambda: query.near_vector([1.0], limit=1), "vector lengths"),
        (lambda: query.fetch_objects(filters=page.equal("x")), "data type filter"),
        (lambda: query.fetch_objects(filters=Filter.by_property("no").equal(1)), "no such prop"),
        (lambda: client.collections.use("No").query.fetch_objects(), "could not find class"),
        (lambda: things.with_tenant("t").query.fetch_objects(), "multi-tenancy disabled"),
    ]
    for ask, words in refused:
        with pytest.raises(WeaviateQueryError, match=words):
            ask()


def test_failures_meet_calls_of_grpc(server: WeaviateServer, things: Any) -> None:
    from weaviate.exceptions import WeaviateQueryError

    server.add(Failure(kind="bad_request", message="out of order"))
    with pytest.raises(WeaviateQueryError, match="out of order"):
        things.query.fetch_objects()
    assert server.last.path == "/weaviate.v1.Weaviate/Search"
    assert things.query.fetch_objects().objects == []
