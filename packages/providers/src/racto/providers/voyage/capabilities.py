"""What the Voyage embedder can do."""

from __future__ import annotations

from racto.providers.capabilities import Capabilities, Feature

CAPABILITIES = Capabilities(
    title="Voyage",
    features=frozenset(
        {Feature.EMBEDDINGS, Feature.EMBEDDING_DIMENSIONS, Feature.EMBEDDING_INPUT_TYPE}
    ),
)
