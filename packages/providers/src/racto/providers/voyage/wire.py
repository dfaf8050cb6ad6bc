"""Voyage's embeddings API: texts in, one vector a text out, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from racto.providers.connections.failures import Translator
from racto.providers.embeddings.wires import EmbeddingCall, check_support
from racto.providers.kits.wires import WireRequest
from racto.providers.openai.embedding_wire import OpenAIEmbeddingWire

from .connection import PROVIDER

MOST_TEXTS = 1000
"""Most texts of one request, whichever the model."""

BATCH_BYTES = 100_000
"""Most bytes of text of one request.

The least that a model takes are 120,000 tokens. Texts have fewer tokens than bytes, and each gets
a dozen more of Voyage's own before it is embedded.
"""

_INPUT_TYPES = ("query", "document")


class VoyageWire(OpenAIEmbeddingWire):
    """Shapes requests and reads replies of ``/embeddings``.

    Replies are those of OpenAI's API; requests are not.

    Args:
        translator: Makes the errors.
        truncation: Whether Voyage may cut texts that do not fit the model's context.
    """

    def __init__(self, translator: Translator, *, truncation: bool = False) -> None:
        super().__init__(PROVIDER, translator)
        self._truncation = truncation

    def encode(self, texts: Sequence[str], call: EmbeddingCall) -> WireRequest:
        """The request for one batch.

        Raises:
            UnsupportedFeatureError: If the input type is neither ``query`` nor ``document``.
        """
        check_support(call, provider=PROVIDER, input_types=_INPUT_TYPES)
        body: dict[str, Any] = {
            "model": call.model,
            "input": list(texts),
            # Always said: the default is to cut, and nobody is told.
            "truncation": self._truncation,
            "encoding_format": "base64",
        }
        if call.input_type is not None:
            body["input_type"] = call.input_type
        if call.dimensions is not None:
            body["output_dimension"] = call.dimensions
        return WireRequest(path="/embeddings", body=body | dict(call.extra), model=call.model)
