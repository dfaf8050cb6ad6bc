"""The face of Ollama's protocol: a server to hand to its clients."""

from __future__ import annotations

from racto.testing.server import LoopbackServer

from .provider import OllamaProtocol


class OllamaServer(LoopbackServer):
    """Speaks Ollama's native API: words, vectors and the library of models.

    Args:
        key: The token that clients must send; None takes any, and none, as a local server does.
        port: Port to listen on; 0 takes a free one.
        strict: Whether to refuse what Ollama ignores: fields and options that it does not know,
            and tool results without their calls.
    """

    def __init__(self, *, key: str | None = None, port: int = 0, strict: bool = True) -> None:
        super().__init__(OllamaProtocol(key=key, strict=strict), key=key, port=port)
