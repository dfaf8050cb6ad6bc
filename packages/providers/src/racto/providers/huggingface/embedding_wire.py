"""Embeddings as Hugging Face's servers speak them: feature extraction, TEI, or OpenAI's way."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from racto.core.errors import EmbeddingError
from racto.core.usage import Usage
from racto.providers.connections.failures import Translator
from racto.providers.connections.payloads import SHAPE_ERRORS
from racto.providers.embeddings.wires import (
    EmbeddedBatch,
    EmbeddingCall,
    check_support,
    input_usage,
)
from racto.providers.kits.wires import WireReply, WireRequest
from racto.providers.openai.embedding_wire import OpenAIEmbeddingWire

from .connection import PROVIDER

PROMPTS: Mapping[str, str | None] = {"query": "query", "document": "document"}
"""Names of prompts by input type, as models on the Hub usually call them."""


class FeatureExtractionWire:
    """Shapes requests and reads replies of the router's pipeline and of TEI's ``/embed``.

    Keeps :class:`~racto.providers.embeddings.EmbeddingWire`.

    Args:
        translator: Makes the errors.
        is_tei: Whether the server is a TEI, which serves one model; the router serves many.
        prompts: Names of the model's prompts by input type; None for an input type without one.
        normalize: Whether vectors get the length 1; the model's own way when None.
        truncate: Whether the server may cut texts that are too long.
    """

    def __init__(
        self,
        translator: Translator,
        *,
        is_tei: bool = False,
        prompts: Mapping[str, str | None] = PROMPTS,
        normalize: bool | None = None,
        truncate: bool = False,
    ) -> None:
        self._translator = translator
        self._is_tei = is_tei
        self._prompts = prompts
        self._normalize = normalize
        self._truncate = truncate

    @property
    def provider(self) -> str:
        """Name of the provider."""
        return PROVIDER

    def encode(self, texts: Sequence[str], call: EmbeddingCall) -> WireRequest:
        """The request for one batch.

        Raises:
            UnsupportedFeatureError: If ``dimensions`` are asked of the router, or the input type
                is not known.
        """
        check_support(
            call, provider=PROVIDER, dimensions=self._is_tei, input_types=tuple(self._prompts)
        )
        # Always said: newer servers cut by default.
        body: dict[str, Any] = {"inputs": list(texts), "truncate": self._truncate}
        if self._normalize is not None:
            body["normalize"] = self._normalize
        prompt = self._prompts[call.input_type] if call.input_type is not None else None
        if prompt is not None:
            body["prompt_name"] = prompt
        if call.dimensions is not None:
            body["dimensions"] = call.dimensions
        path = f"/hf-inference/models/{quote(call.model)}/pipeline/feature-extraction"
        return WireRequest(
            path="/embed" if self._is_tei else path,
            body=body | dict(call.extra),
            model=call.model,
        )

    def decode(self, reply: WireReply, count: int) -> EmbeddedBatch:
        """The vectors in a reply, in the order of the texts.

        Raises:
            EmbeddingError: If the model made a vector a token instead of one a text.
            InvalidResponseError: If the reply is no list of vectors.
        """
        try:
            data = json.loads(reply.body)
            error = self._translator.error_of(data)
            rows = [] if error is not None else [list(row) for row in data]
        except SHAPE_ERRORS as caught:
            raise self._translator.invalid(
                f"the reply is not a list of vectors ({caught!r})",
                body=reply.body,
                request_id=reply.request_id,
            ) from caught
        if error is not None:
            raise self._translator.reported(error, request_id=reply.request_id)
        # Pooled here they would differ from the vectors that the model was trained for.
        if any(isinstance(value, list) for row in rows for value in row[:1]):
            raise EmbeddingError(
                "the model made a vector for each token, not for each text: it is no sentence "
                "embedder; take one of the Hub's sentence-similarity models",
                request_id=reply.request_id,
            )
        return EmbeddedBatch(rows=rows, usage=_usage(reply), request_id=reply.request_id)


class EmbeddingsWire(OpenAIEmbeddingWire):
    """OpenAI's embeddings API as vLLM and TEI serve it.

    Args:
        translator: Makes the errors.
        is_symmetric: Whether questions and documents are embedded alike, so that an input type
            is no loss.
    """

    def __init__(self, translator: Translator, *, is_symmetric: bool = False) -> None:
        super().__init__(PROVIDER, translator)
        self._is_symmetric = is_symmetric

    def encode(self, texts: Sequence[str], call: EmbeddingCall) -> WireRequest:
        """The request for one batch.

        Raises:
            UnsupportedFeatureError: If ``input_type`` is set: the API does not know it.
        """
        kind = None if self._is_symmetric else call.input_type
        return replace(super().encode(texts, replace(call, input_type=kind)), path="/v1/embeddings")


def _usage(reply: WireReply) -> Usage:
    """The tokens, which TEI tells in a header and the router not at all."""
    tokens = reply.headers.get("x-compute-tokens", "")
    # Python refuses to read thousands of digits, and no count has them.
    return input_usage(int(tokens) if tokens.isdecimal() and len(tokens) < 20 else None)
