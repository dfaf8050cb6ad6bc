"""The face of OpenAI's protocol: a server to hand to OpenAI's clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from racto.testing.server import LoopbackServer

from .provider import OpenAIProtocol
from .quirks import Quirks

if TYPE_CHECKING:
    from .batches import BatchesEndpoint
    from .files import FilesEndpoint
    from .fine_tuning import FineTuningEndpoint


class OpenAIServer(LoopbackServer):
    """Speaks Chat Completions, Responses, embeddings, files, batches and fine-tuning.

    Args:
        key: The API key that clients must send; None takes any, and none.
        port: Port to listen on; 0 takes a free one.
        quirks: Habits of a compatible server; those of OpenAI itself by default.
    """

    def __init__(
        self, *, key: str | None = "test-key", port: int = 0, quirks: Quirks | None = None
    ) -> None:
        self._protocol = OpenAIProtocol(key=key, quirks=quirks)
        super().__init__(self._protocol, key=key, port=port)

    @property
    def files(self) -> FilesEndpoint:
        """The files that clients have uploaded and jobs have written."""
        return self._protocol.files

    @property
    def batches(self) -> BatchesEndpoint:
        """The batches: ``advance``, ``work`` and ``expire`` move them on."""
        return self._protocol.batches

    @property
    def fine_tuning(self) -> FineTuningEndpoint:
        """The fine-tuning jobs: ``advance`` moves them on."""
        return self._protocol.fine_tuning
