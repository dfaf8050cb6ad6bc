"""Ollama's embeddings API: texts in, one vector a text out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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

from .connection import PROVIDER


class OllamaEmbeddingWire:
    """Shapes requests and reads replies of ``/api/embed``.

    Keeps :class:`~racto.providers.embeddings.EmbeddingWire`.

    Args:
        translator: Makes the errors.
        truncate: Whether the server may cut texts that do not fit the model's context.
        keep_alive: How long the model stays in memory afterwards; the server's own when None.
    """

    def __init__(
        self,
        translator: Translator,
        *,
        truncate: bool = False,
        keep_alive: float | str | None = None,
    ) -> None:
        self._translator = translator
        # Always said: the server's default is to cut, and it tells nobody.
        self._settings: dict[str, Any] = {"truncate": truncate}
        if keep_alive is not None:
            self._settings["keep_alive"] = keep_alive

    @property
    def provider(self) -> str:
        """Name of the provider."""
        return PROVIDER

    def encode(self, texts: Sequence[str], call: EmbeddingCall) -> WireRequest:
        """The request for one batch.

        Raises:
            UnsupportedFeatureError: If ``input_type`` is set: the API does not know it.
        """
        check_support(call, provider=PROVIDER)
        body: dict[str, Any] = {"model": call.model, "input": list(texts), **self._settings}
        if call.dimensions is not None:
            body["dimensions"] = call.dimensions
        return WireRequest(path="/api/embed", body=body | dict(call.extra), model=call.model)

    def decode(self, reply: WireReply, count: int) -> EmbeddedBatch:
        """The vectors in a reply, in the order of the texts.

        Raises:
            InvalidResponseError: If the reply holds no vectors.
        """
        data = load_reply(reply, self._translator)
        try:
            model, rows = name_in(data, "model"), list(data["embeddings"])
        except SHAPE_ERRORS as error:
            raise self._translator.invalid(
                f"the reply holds no embeddings ({error!r})",
                body=reply.body,
                request_id=reply.request_id,
            ) from error
        return EmbeddedBatch(
            rows=rows,
            model=model or "",
            usage=input_usage(data.get("prompt_eval_count")),
            request_id=reply.request_id,
        )
