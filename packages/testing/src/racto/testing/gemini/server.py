"""The face of the Gemini API: a server to hand to its clients."""

from __future__ import annotations

from racto.testing.server import LoopbackServer

from .batches import BatchesEndpoint
from .caches import CachesEndpoint
from .files import FilesEndpoint
from .interactions.endpoint import InteractionsEndpoint
from .provider import GeminiProtocol
from .tunings import TuningEndpoint


class GeminiServer(LoopbackServer):
    """Speaks the Gemini API: words, vectors, files, caches, batches, tunings, interactions.

    Args:
        key: The API key, or for Vertex AI the token, that clients must send; None takes any.
        port: Port to listen on; 0 takes a free one.

    What is kept has a queue of its own: with ``server.batches.add(Failure())`` the next request about
    batches fails.

    Attributes:
        files: The files that clients have uploaded and batches have written.
        caches: The cached beginnings of prompts.
        batches: The batches: ``advance``, ``work``, ``expire`` and ``enter`` move them on.
        interactions: The interactions: ``advance`` ends those in the background.
        tunings: The tunings: ``advance`` and ``enter`` move them on.
    """

    files: FilesEndpoint
    caches: CachesEndpoint
    batches: BatchesEndpoint
    interactions: InteractionsEndpoint
    tunings: TuningEndpoint

    def __init__(self, *, key: str | None = "test-key", port: int = 0) -> None:
        protocol = GeminiProtocol(key=key)
        self.files = protocol.files
        self.caches = protocol.caches
        self.batches = protocol.batches
        self.interactions = protocol.interactions
        self.tunings = protocol.tunings
        super().__init__(protocol, key=key, port=port)
