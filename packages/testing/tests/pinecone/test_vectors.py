"""What an index answers, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

Send = Callable[..., httpx2.Response]

VECTOR = {"id": "a", "values": [1.0, 0.0]}


def words(answer: httpx2.Response, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body.keys() == {"code", "message", "details"}
    return str(body["message"])


def test_vectors_are_searched(send: Send, put: Send) -> None:
    put("along", 2.0, 0.0, lang="en", page=3)
    put("across", 0.0, 1.0, lang="de")
    body = {"vector": [1.0, 0.0], "topK": 2, "includeMetadata": True}
    found = send("/query", body).json()
    assert [(m["id"], m["score"], m["values"]) for m in found["matches"]] == [
        ("along", 1.0, []),
        ("across", 0.0, []),
    ]
    assert found["matches"][0]["metadata"] == {"lang": "en", "page": 3.0}
    only = send("/query", {**body, "filter": {"lang": {"$eq": "de"}}}).json()
    assert [match["id"] for match in only["matches"]] == ["across"]
    by_id = send("/query", {"id": "across", "topK": 1, "includeValues": True}).json()
    assert by_id["matches"][0]["values"] == [0.0, 1.0]


def test_vectors_are_fetched_listed_and_deleted(send: Send, put: Send) -> None:
    for name in ("a1", "a2", "b1"):
        put(name, kind=name[0])
    fetched = send("/vectors/fetch?ids=a1&ids=zz", method="GET").json()
    assert fetched["vectors"].keys() == {"a1"}
    page = send("/vectors/list?prefix=a&limit=1", method="GET").json()
    assert page["vectors"] == [{"id": "a1"}]
    token = page["pagination"]["next"]
    last = send(f"/vectors/list?prefix=a&limit=1&paginationToken={token}", method="GET").json()
    assert (last["vectors"], "pagination" in last) == ([{"id": "a2"}], False)
    found = send("/vectors/fetch_by_metadata", {"filter": {"kind": "a"}, "limit": 1}).json()
    assert (list(found["vectors"]), found["pagination"]) == (["a1"], {"next": "a1"})
    send("/vectors/delete", {"filter": {"kind": "a"}})
    send("/vectors/delete", {"ids": ["unknown"]})
    stats = send("/describe_index_stats", {}).json()
    assert stats["namespaces"] == {"__default__": {"vectorCount": 1}}
    assert (stats["dimension"], stats["metric"]) == (2, "cosine")
    send("/vectors/delete", {"deleteAll": True})
    assert send("/describe_index_stats", {}).json()["totalVectorCount"] == 0


def test_a_namespace_that_was_never_written_to_has_nothing_to_delete(send: Send) -> None:
    answer = send("/vectors/delete", {"deleteAll": True, "namespace": "nowhere"})
    assert words(answer, 404) == "Namespace not found"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"id": "ü"}, "must be ASCII"),
        ({"id": ""}, "1 to 512 characters"),
        ({"id": "x" * 513}, "1 to 512 characters"),
        ({"values": [1.0]}, "dimension 1 does not match the dimension of the index 2"),
        ({"values": [0.0, 0.0]}, "contains only zeros"),
        ({"values": [1e39, 0.0]}, "not finite"),
        ({"values": [True, 0.0]}, "values"),
        ({"metadata": {"k": {"deep": 1}}}, "field 'k'"),
        ({"metadata": {"k": [1, 2]}}, "field 'k'"),
        ({"metadata": {"$k": 1}}, "cannot start with '$'"),
        ({"metadata": {"k": "x" * 41_000}}, "exceeds the limit of 40960 bytes"),
        ({"unknown": 1}, "vectors.0.unknown"),
    ],
)
def test_vectors_beyond_the_limits_are_refused(
    send: Send, changed: dict[str, Any], told: str
) -> None:
    answer = send("/vectors/upsert", {"vectors": [VECTOR | changed]})
    assert told in words(answer)
    assert send("/describe_index_stats", {}).json()["totalVectorCount"] == 0


def test_requests_beyond_the_limits_are_refused(send: Send) -> None:
    many = [{"id": f"v{number}", "values": [1.0, 0.0]} for number in range(1001)]
    assert "limit of 1000" in words(send("/vectors/upsert", {"vectors": many}))
    large = {**VECTOR, "id": "x" * 2_200_000}
    assert "exceeds the maximum" in words(send("/vectors/upsert", {"vectors": [large]}), 413)
    assert "topK" in words(send("/query", {"vector": [1.0, 0.0], "topK": 10_001}))
    assert "dimension" in words(send("/query", {"vector": [1.0], "topK": 1}))
    assert "Exactly one" in words(send("/query", {"topK": 1}))
    assert "Exactly one" in words(send("/vectors/delete", {}))
    assert "empty metadata filter" in words(send("/vectors/delete", {"filter": {}}))
    assert "Empty filter" in words(send("/vectors/fetch_by_metadata", {"filter": {}}))
    assert "limit" in words(send("/vectors/list?limit=101", method="GET"))
    assert "Unknown query" in words(send("/vectors/list?top=1", method="GET"))
    assert "Fetch takes" in words(send("/vectors/fetch", method="GET"))
    assert words(send("/vectors/nothing", {}), 404) == "Not Found"


def test_nulls_are_dropped_and_numbers_are_doubles(send: Send, put: Send) -> None:
    put("a", 0.1, 0.2, none=None, big=2**53 + 1, yes=True, tags=["x"])
    vector = send("/vectors/fetch?ids=a", method="GET").json()["vectors"]["a"]
    assert vector["metadata"] == {"big": float(2**53), "yes": True, "tags": ["x"]}
    assert vector["values"] == [0.10000000149011612, 0.20000000298023224]
