"""What the local embedder can do."""

from __future__ import annotations

from racto.providers.capabilities import Capabilities, Feature

CAPABILITIES = Capabilities(title="Local", native=frozenset({Feature.EMBEDDINGS}))
