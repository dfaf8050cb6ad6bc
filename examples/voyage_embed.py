"""Find the text that answers a question, by Voyage's embeddings.

Set VOYAGE_API_KEY to ask Voyage. Without it a loopback server of racto-testing stands in, whose
vectors mean nothing.
"""

from __future__ import annotations

import os

from racto.providers.voyage import VoyageEmbedder
from racto.testing import VoyageServer

TEXTS = ["The sea is wide.", "Bread is made of flour.", "Mountains are high."]


def show(embedder: VoyageEmbedder) -> None:
    documents = embedder.embed(TEXTS)
    question = embedder.embed_query("What do bakers need?")
    # Voyage's vectors have the length 1, so that the product is the cosine.
    scores = [sum(a * b for a, b in zip(row, question, strict=True)) for row in documents]
    for score, text in sorted(zip(scores, TEXTS, strict=True), reverse=True):
        print(f"{score:6.3f}  {text}")


if os.environ.get("VOYAGE_API_KEY"):
    with VoyageEmbedder() as embedder:
        show(embedder)
else:
    print("VOYAGE_API_KEY is not set: a loopback server answers.")
    with (
        VoyageServer() as server,
        VoyageEmbedder(api_key=server.key, base_url=server.url) as embedder,
    ):
        show(embedder)
