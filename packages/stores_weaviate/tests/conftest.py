"""A Weaviate of this machine, and stores on it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from racto.core.retries import RetryPolicy
from racto.stores.weaviate import WeaviateStore, connections
from racto.testing.weaviate import WeaviateServer


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many attempts as ever, with pauses that no test has to wait for."""
    monkeypatch.setattr(connections, "RETRIES", RetryPolicy(attempts=4, base=0.01))


@pytest.fixture
def server() -> Iterator[WeaviateServer]:
    """A server without classes."""
    with WeaviateServer(key="test-key") as server:
        yield server


@pytest.fixture
def make(server: WeaviateServer) -> Iterator[Callable[..., WeaviateStore]]:
    """Makes stores on the server, and closes them."""
    with ExitStack() as stack:

        def made(name: str = "RactoChunk", **options: Any) -> WeaviateStore:
            where = {"url": server.url, "grpc_port": server.grpc_port, "api_key": "test-key"}
            store = WeaviateStore(name, **{**where, **options})
            stack.callback(store.close)
            return store

        yield made


@pytest.fixture
def unreachable() -> Iterator[WeaviateStore]:
    """A store on an address of this machine at which nobody listens."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        url, port = f"http://127.0.0.1:{one.getsockname()[1]}", two.getsockname()[1]
    store = WeaviateStore(url=url, grpc_port=port, timeout=2.0)
    yield store
    store.close()
