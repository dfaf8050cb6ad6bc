"""The REST API: what a client asks at its start, keys, the schema, and tenants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from racto.testing import Failure
from racto.testing.weaviate import WeaviateServer

weaviate: Any = pytest.importorskip("weaviate", reason="needs the extra racto-testing[weaviate]")

Send = Callable[..., httpx2.Response]

VECTORS: dict[str, Any] = {"default": {"vectorizer": {"none": {}}}}


def test_a_client_finds_what_it_asks_at_its_start(send: Send) -> None:
    assert send("/v1/.well-known/openid-configuration", method="GET").status_code == 404
    assert send("/v1/.well-known/ready", method="GET").status_code == 200
    assert send("/v1/meta", method="GET").json()["version"].startswith("1.")


def test_classes_are_made_described_and_deleted(send: Send) -> None:
    made = send("/v1/schema", {"class": "Things", "vectorConfig": VECTORS}).json()
    config = made["vectorConfig"]["default"]["vectorIndexConfig"]
    assert (config["distance"], config["efConstruction"]) == ("cosine", 128)
    assert send("/v1/schema/Things", method="GET").json() == made
    assert send("/v1/schema", method="GET").json() == {"classes": [made]}
    again = send("/v1/schema", {"class": "Things", "vectorConfig": VECTORS})
    assert (again.status_code, "already exists" in again.text) == (422, True)
    assert send("/v1/schema/Things", method="DELETE").status_code == 200
    assert send("/v1/schema/Things", method="DELETE").status_code == 200
    assert send("/v1/schema/Things", method="GET").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"class": "lower", "vectorConfig": VECTORS},
        {"class": "A-b", "vectorConfig": VECTORS},
        {"class": "Things"},
        {"class": "Things", "vectorConfig": VECTORS, "unknown": 1},
        {"class": "Things", "vectorConfig": {"default": {"vectorizer": {"text2vec": {}}}}},
        {
            "class": "Things",
            "vectorConfig": {
                "a": {"vectorizer": {"none": {}}, "vectorIndexConfig": {"distance": "far"}}
            },
        },
        {
            "class": "Things",
            "vectorConfig": VECTORS,
            "properties": [{"name": "id", "dataType": ["text"]}],
        },
        {
            "class": "Things",
            "vectorConfig": VECTORS,
            "properties": [{"name": "a", "dataType": ["json"]}],
        },
    ],
    ids=str,
)
def test_wrong_classes_are_refused(send: Send, body: dict[str, Any]) -> None:
    answer = send("/v1/schema", body)
    assert answer.status_code == 422
    assert answer.json()["error"][0]["message"]


def test_keys_are_checked_on_both_ways() -> None:
    from weaviate.classes.init import Auth

    with WeaviateServer(key="right") as server:
        port = int(server.url.rpartition(":")[2])
        where = ("127.0.0.1", port, False, "127.0.0.1", server.grpc_port, False)
        with httpx2.Client(verify=False) as http:
            assert http.get(f"{server.url}/v1/meta").status_code == 401
        with weaviate.connect_to_custom(*where, auth_credentials=Auth.api_key("right")) as client:
            assert client.collections.exists("Things") is False
        with pytest.raises(weaviate.exceptions.WeaviateBaseError):
            weaviate.connect_to_custom(*where, auth_credentials=Auth.api_key("wrong"))


def test_tenants_are_made_by_their_first_object(client: Any, send: Send) -> None:
    tenancy = {"enabled": True, "autoTenantCreation": True}
    send("/v1/schema", {"class": "Shared", "vectorConfig": VECTORS, "multiTenancyConfig": tenancy})
    shared = client.collections.use("Shared")
    one, two = shared.with_tenant("one"), shared.with_tenant("two")
    one.data.insert_many([weaviate.classes.data.DataObject(properties={}, vector=[1.0])])
    assert one.aggregate.over_all(total_count=True).total_count == 1
    with pytest.raises(weaviate.exceptions.WeaviateQueryError, match="tenant not found"):
        two.aggregate.over_all(total_count=True)
    with pytest.raises(weaviate.exceptions.WeaviateQueryError, match="without tenant"):
        shared.aggregate.over_all(total_count=True)


def test_failures_meet_the_schema(server: WeaviateServer, send: Send) -> None:
    server.add(Failure(kind="overloaded"))
    assert send("/v1/schema", method="GET").status_code == 503
    assert send("/v1/schema", method="GET").status_code == 200
    assert send("/v1/schema", method="PATCH").status_code == 405
    assert send("/v1/other", method="GET").status_code == 404
