"""The face of Hugging Face's protocol: a server to hand to its clients."""

from __future__ import annotations

from racto.testing.server import LoopbackServer

from .provider import HuggingFaceProtocol


class HuggingFaceServer(LoopbackServer):
    """Speaks as the router, TGI and TEI do: chats and vectors.

    Args:
        key: The token that clients must send; None takes any, and none.
        port: Port to listen on; 0 takes a free one.
    """

    def __init__(self, *, key: str | None = "test-key", port: int = 0) -> None:
        super().__init__(HuggingFaceProtocol(key=key), key=key, port=port)
