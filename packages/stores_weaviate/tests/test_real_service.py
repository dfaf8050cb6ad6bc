"""The contract against Weaviate itself, where one is given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest

from racto.core.testing import VectorStoreContract
from racto.stores.weaviate import WeaviateStore

_URL = os.environ.get("WEAVIATE_URL", "")

pytestmark = pytest.mark.skipif(
    not _URL,
    reason="needs WEAVIATE_URL, and WEAVIATE_API_KEY and WEAVIATE_GRPC_PORT where they differ",
)


class TestService(VectorStoreContract):
    @pytest.fixture
    def store(self) -> Iterator[WeaviateStore]:
        # A class of its own, so that runs at the same time do not meet.
        options = {
            "url": _URL,
            "api_key": os.environ.get("WEAVIATE_API_KEY"),
            "grpc_port": int(os.environ.get("WEAVIATE_GRPC_PORT", "50051")),
        }
        name = f"RactoTest{uuid4().hex}"
        store = WeaviateStore(name, **options)  # type: ignore[arg-type]
        yield store
        store.close()
        # The law on closing leaves a store that cannot drop its class.
        janitor = WeaviateStore(name, **options)  # type: ignore[arg-type]
        janitor.drop()
        janitor.close()
