"""Weaviate's own client on a loopback server, and plain requests for what it would not send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from racto.testing.weaviate import WeaviateServer

weaviate: Any = pytest.importorskip("weaviate", reason="needs the extra racto-testing[weaviate]")

PROPERTIES = [
    {"name": "record", "dataType": ["text"], "indexFilterable": False},
    {"name": "tokens", "dataType": ["text[]"], "tokenization": "field"},
    {"name": "page", "dataType": ["int"]},
    {"name": "ok", "dataType": ["boolean"]},
    {"name": "size", "dataType": ["number"]},
]


def definition(name: str = "Things", **changed: Any) -> dict[str, Any]:
    vectors: dict[str, Any] = {"default": {"vectorizer": {"none": {}}}}
    return {"class": name, "properties": PROPERTIES, "vectorConfig": vectors, **changed}


@pytest.fixture
def server() -> Iterator[WeaviateServer]:
    """A server without classes."""
    with WeaviateServer() as server:
        yield server


@pytest.fixture
def send(server: WeaviateServer) -> Iterator[Callable[..., httpx2.Response]]:
    """Sends JSON to the REST API."""
    with httpx2.Client(verify=False, base_url=server.url) as http:

        def sent(path: str, body: Any = None, *, method: str = "POST") -> httpx2.Response:
            return http.request(method, path, json=body)

        yield sent


@pytest.fixture
def client(server: WeaviateServer) -> Iterator[Any]:
    """The official client."""
    port = int(server.url.rpartition(":")[2])
    with weaviate.connect_to_custom(
        "127.0.0.1", port, False, "127.0.0.1", server.grpc_port, False
    ) as client:
        yield client


@pytest.fixture
def things(client: Any, send: Callable[..., httpx2.Response]) -> Any:
    """A class with objects of each kind of property."""
    send("/v1/schema", definition())
    return client.collections.use("Things")
