"""What the local embedder can do."""

from __future__ import annotations

from racto.providers.capabilities import Capabilities, Feature

CAPABILITIES = Capabilities(
    title="Local",
    features=frozenset({Feature.EMBEDDINGS, Feature.EMBEDDING_DIMENSIONS}),
    notes={Feature.EMBEDDING_DIMENSIONS: "256, 128 or 64 values"},
)
