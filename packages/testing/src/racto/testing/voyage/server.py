"""The face of Voyage's protocol: a server to hand to its clients."""

from __future__ import annotations

from racto.testing.server import LoopbackServer

from .provider import VoyageProtocol


class VoyageServer(LoopbackServer):
    """Speaks Voyage's API: embeddings, of pictures too, and reranking.

    Args:
        key: The API key that clients must send; None takes any, and none.
        port: Port to listen on; 0 takes a free one.
    """

    def __init__(self, *, key: str | None = "test-key", port: int = 0) -> None:
        super().__init__(VoyageProtocol(key=key), key=key, port=port)
