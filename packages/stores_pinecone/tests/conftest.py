"""A Pinecone of this machine, and stores on it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from racto.stores.pinecone import PineconeStore
from racto.testing.pinecone import PineconeServer


@pytest.fixture
def server() -> Iterator[PineconeServer]:
    """A server with an index ``chunks`` for vectors of two values."""
    with PineconeServer() as server:
        server.create_index("chunks", dimension=2)
        yield server


@pytest.fixture
def make(server: PineconeServer) -> Iterator[Callable[..., PineconeStore]]:
    """Makes stores on the server, and closes them."""
    with ExitStack() as stack:

        def made(name: str = "chunks", **options: Any) -> PineconeStore:
            store = PineconeStore(name, api_key="test-key", control_host=server.url, **options)
            stack.callback(store.close)
            return store

        yield made


@pytest.fixture
def unreachable() -> str:
    """An address on this machine at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
