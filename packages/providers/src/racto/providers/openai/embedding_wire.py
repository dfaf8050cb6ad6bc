"""The embeddings wire: texts in, one vector a text out, in their order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from racto.core.errors import EmbeddingError
from racto.providers.connections.failures import Translator
from racto.providers.embeddings.wires import EmbeddedBatch, EmbeddingCall, check_support
from racto.providers.kits.wires import WireReply, WireRequest

from .usage import chat_usage

BATCH_BYTES = 300_000
"""Most tokens that OpenAI takes in one request, counted in bytes, which are never fewer."""


class OpenAIEmbeddingWire:
    """Shapes requests and reads replies of ``/embeddings``.

    Keeps :class:`~racto.providers.embeddings.EmbeddingWire`.

    Args:
        provider: Name of the provider.
        translator: Makes the errors.
    """

    def __init__(self, provider: str, translator: Translator) -> None:
        self._provider = provider
        self._translator = translator

    @property
    def provider(self) -> str:
        """Name of the provider."""
        return self._provider

    def encode(self, texts: Sequence[str], call: EmbeddingCall) -> WireRequest:
        """The request for one batch.

        Raises:
            UnsupportedFeatureError: If ``input_type`` is set: the API does not know it.
        """
        check_support(call, provider=self._provider)
        # Base64 is a quarter of the bytes, and needs no parsing of a million digits.
        body: dict[str, Any] = {
            "model": call.model,
            "input": list(texts),
            "encoding_format": "base64",
        }
        if call.dimensions is not None:
            body["dimensions"] = call.dimensions
        return WireRequest(path="/embeddings", body=body | dict(call.extra), model=call.model)

    def decode(self, reply: WireReply, count: int) -> EmbeddedBatch:
        """The vectors in a reply.

        Raises:
            EmbeddingError: If the vectors are not numbered from 0 to ``count`` - 1.
            InvalidResponseError: If the reply is no list of embeddings.
        """
        try:
            data = json.loads(reply.body)
            if data.get("error"):
                raise self._translator.reported(data["error"], request_id=reply.request_id)
            items = sorted(data["data"], key=lambda item: int(item["index"]))
            rows = [item["embedding"] for item in items]
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise self._translator.invalid(
                f"the reply is not a list of embeddings ({error})",
                body=reply.body,
                request_id=reply.request_id,
            ) from error
        if [item["index"] for item in items] != list(range(count)):
            raise EmbeddingError(
                f"{count} texts were sent, and {len(rows)} vectors came back that are not "
                "numbered alike; nothing was kept",
                request_id=reply.request_id,
            )
        told = data.get("usage") or {}
        # Some servers tell the total alone, and all of it is input here.
        usage = {"completion_tokens": 0, **told}
        if "total_tokens" in told:
            usage.setdefault("prompt_tokens", told["total_tokens"])
        return EmbeddedBatch(
            rows=rows,
            model=str(data.get("model") or ""),
            usage=chat_usage(usage),
            request_id=reply.request_id,
        )
