"""Pinecone's own client on a loopback server, and plain requests for what it would not send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from racto.testing.pinecone import PineconeServer

HEADERS = {"api-key": "test-key", "x-pinecone-api-version": "2026-07"}


@pytest.fixture
def server() -> Iterator[PineconeServer]:
    """A server with an index ``chunks`` for vectors of two values."""
    with PineconeServer() as server:
        server.create_index("chunks", dimension=2)
        yield server


@pytest.fixture
def send(server: PineconeServer) -> Iterator[Callable[..., httpx2.Response]]:
    """Sends JSON to the index, or to the control plane for paths of ``/indexes``."""
    with httpx2.Client(verify=False, headers=HEADERS) as http:

        def sent(path: str, body: Any = None, *, method: str = "POST") -> httpx2.Response:
            root = server.url if path.startswith("/indexes") else server.host_of("chunks")
            return http.request(method, f"{root}{path}", json=body)

        yield sent


@pytest.fixture
def put(send: Callable[..., httpx2.Response]) -> Callable[..., httpx2.Response]:
    """Upserts one vector of the given metadata."""

    def sent(vector_id: str = "a", *values: float, **metadata: Any) -> httpx2.Response:
        vector = {"id": vector_id, "values": list(values) or [1.0, 0.0], "metadata": metadata}
        return send("/vectors/upsert", {"vectors": [vector]})

    return sent
