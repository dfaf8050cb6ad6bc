"""Keys, versions, the control plane, late reads and failures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from racto.testing import Failure, Reply
from racto.testing.pinecone import PineconeServer

Send = Callable[..., httpx2.Response]

FIELD = {"type": "dense_vector", "dimension": 3, "metric": "euclidean"}


def schema(**changed: Any) -> dict[str, Any]:
    return {"fields": {"_values": {**FIELD, **changed}}}


def test_indexes_are_made_described_and_deleted(server: PineconeServer, send: Send) -> None:
    made = send("/indexes", {"name": "new", "schema": schema()})
    assert made.status_code == 201
    body = made.json()
    assert (body["host"], body["status"]["ready"]) == (server.host_of("new"), True)
    assert body["schema"]["fields"]["_values"] == FIELD
    assert send("/indexes/new", method="GET").json() == body
    names = [each["name"] for each in send("/indexes", method="GET").json()["indexes"]]
    assert names == ["chunks", "new"]
    assert send("/indexes", {"name": "new", "schema": schema()}).status_code == 409
    assert send("/indexes/new", method="DELETE").status_code == 202
    gone = send("/indexes/new", method="GET")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "NOT_FOUND")
    assert send("/indexes/new", method="DELETE").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Upper", "schema": schema()},
        {"name": "x" * 46, "schema": schema()},
        {"name": "new", "schema": schema(dimension=20_001)},
        {"name": "new", "schema": schema(metric="manhattan")},
        {"name": "new"},
        {"name": "new", "schema": schema(), "unknown": 1},
    ],
    ids=str,
)
def test_wrong_indexes_are_refused(send: Send, body: dict[str, Any]) -> None:
    answer = send("/indexes", body)
    assert answer.status_code == 400
    assert answer.json()["status"] == 400


def test_a_protected_index_stays(send: Send) -> None:
    send("/indexes", {"name": "new", "schema": schema(), "deletion_protection": "enabled"})
    assert send("/indexes/new", method="DELETE").status_code == 403


def test_keys_and_versions_are_checked(server: PineconeServer) -> None:
    with httpx2.Client(verify=False) as http:
        url = f"{server.url}/indexes"
        assert http.get(url).status_code == 401
        assert http.get(url, headers={"api-key": "wrong"}).status_code == 401
        old = {"api-key": "test-key", "x-pinecone-api-version": "2024-07"}
        assert "2026-07" in http.get(url, headers=old).json()["error"]["message"]


def test_failures_and_replies_are_scripted(server: PineconeServer, send: Send, put: Send) -> None:
    server.add(Failure(kind="rate_limited", retry_after=2), Failure(kind="overloaded"))
    answer = put()
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["code"]) == (
        429,
        "2",
        8,
    )
    assert put().status_code == 503
    assert send("/describe_index_stats", {}).json()["totalVectorCount"] == 0
    server.add(Reply(body={"upsertedCount": 7}))
    assert put().json() == {"upsertedCount": 7}
    server.fail("server_error")
    failed = send("/indexes", method="GET")
    assert (failed.status_code, failed.json()["error"]["code"]) == (500, "UNKNOWN")


def test_reads_see_writes_after_the_lag() -> None:
    with PineconeServer(lag=0.2) as server, httpx2.Client(verify=False) as http:
        host = server.create_index("late", dimension=2)
        http.headers.update({"api-key": "test-key", "x-pinecone-api-version": "2026-07"})
        vector = {"id": "a", "values": [1.0, 0.0]}
        written = http.post(f"{host}/vectors/upsert", json={"vectors": [vector]})
        assert written.headers["x-pinecone-request-lsn"] == "1"

        def reached() -> str:
            query = {"vector": [1.0, 0.0], "topK": 1}
            answer = http.post(f"{host}/query", json=query)
            assert bool(answer.json()["matches"]) is (
                answer.headers["x-pinecone-max-indexed-lsn"] == "1"
            )
            return answer.headers["x-pinecone-max-indexed-lsn"]

        assert reached() == "0"
        assert server.wait_until(lambda: reached() == "1")
