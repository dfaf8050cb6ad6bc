"""The embeddings wire: texts in, one vector a text out, in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.errors import EmbeddingError
from racto.core.usage import Usage
from racto.providers.connections.failures import Translator
from racto.providers.connections.payloads import SHAPE_ERRORS, load_reply
from racto.providers.embeddings.wires import (
    EmbeddedBatch,
    EmbeddingCall,
    check_support,
    input_usage,
)
from racto.providers.kits.wires import WireReply, WireRequest
from racto.providers.words import name_in

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
        data = load_reply(reply, self._translator)
        try:
            model, items = name_in(data, "model"), list(data["data"])
            rows = {item["index"]: item["embedding"] for item in items}
        except SHAPE_ERRORS as error:
            raise self._translator.invalid(
                f"the reply is not a list of embeddings ({error!r})",
                body=reply.body,
                request_id=reply.request_id,
            ) from error
        if len(items) != count or rows.keys() != set(range(count)):
            raise EmbeddingError(
                f"{count} texts were sent, and {len(items)} vectors came back that are not "
                "numbered alike; nothing was kept",
                request_id=reply.request_id,
            )
        return EmbeddedBatch(
            rows=[rows[number] for number in range(count)],
            model=model or "",
            usage=_usage(data.get("usage")),
            request_id=reply.request_id,
        )


def _usage(report: Any) -> Usage:
    known = report if isinstance(report, Mapping) else {}
    # Some servers tell the total alone, and all of it is input here.
    return input_usage(known.get("prompt_tokens", known.get("total_tokens")))
