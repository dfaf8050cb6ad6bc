"""The face of Anthropic's protocol: a server to hand to Anthropic's clients."""

from __future__ import annotations

from collections.abc import Sequence

from racto.testing.server import LoopbackServer

from .batches import MessageBatches
from .provider import MODELS, AnthropicProtocol


class AnthropicServer(LoopbackServer):
    """Speaks messages, token counts, message batches and models.

    Args:
        key: The API key that clients must send; None takes any, and none.
        port: Port to listen on; 0 takes a free one.
        models: Names of the models to list; messages are answered for any name.

    Attributes:
        batches: The batches: ``advance``, ``work`` and ``expire`` move them on.
    """

    batches: MessageBatches

    def __init__(
        self, *, key: str | None = "test-key", port: int = 0, models: Sequence[str] = MODELS
    ) -> None:
        protocol = AnthropicProtocol(key=key, models=models)
        self.batches = protocol.batches
        super().__init__(protocol, key=key, port=port)
