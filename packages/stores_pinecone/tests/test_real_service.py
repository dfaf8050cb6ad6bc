"""The contract against Pinecone itself, where a key and an empty index are given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest

from racto.core.testing import VectorStoreContract
from racto.stores.pinecone import PineconeStore

_INDEX = os.environ.get("RACTO_TEST_PINECONE_INDEX", "")

pytestmark = pytest.mark.skipif(
    not (_INDEX and os.environ.get("PINECONE_API_KEY")),
    reason="needs PINECONE_API_KEY and RACTO_TEST_PINECONE_INDEX, an index for 8 values",
)


class TestService(VectorStoreContract):
    @pytest.fixture
    def store(self) -> Iterator[PineconeStore]:
        # A namespace of its own, so that runs at the same time do not meet.
        store = PineconeStore(_INDEX, namespace=f"test-{uuid4()}", wait_until_fresh=60)
        yield store
        if not store._link._closed:
            store.clear()
        store.close()
