"""The embeddings wire: texts in, one vector a text out, in their order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from racto.core.errors import EmbeddingError
from racto.core.usage import Usage
from racto.providers.arrays import length
from racto.providers.kits.wires import WireReply, WireRequest

from .failures import Translator
from .replies import read_usage


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedBatch:
    """The vectors of one batch of texts.

    Attributes:
        rows: One vector a text, as the server sent it: floats, or base64 of float32.
        model: Model that made them.
        usage: Tokens.
    """

    rows: Sequence[Any]
    model: str
    usage: Usage


def encode_texts(
    texts: Sequence[str], model: str, *, dimensions: int | None, extra: Mapping[str, Any]
) -> WireRequest:
    """The request for one batch.

    Args:
        texts: Texts to embed.
        model: Embedding model.
        dimensions: Length of the vectors, where the model can shorten them.
        extra: Further fields, sent as they are.
    """
    # Base64 is a quarter of the bytes, and needs no parsing of a million digits.
    body: dict[str, Any] = {"model": model, "input": list(texts), "encoding_format": "base64"}
    if dimensions is not None:
        body["dimensions"] = dimensions
    return WireRequest(path="/embeddings", body=body | dict(extra))


def decode_vectors(reply: WireReply, *, count: int, translator: Translator) -> EmbeddedBatch:
    """The vectors in a reply.

    Args:
        reply: The server's reply.
        count: Number of texts that were sent.
        translator: Makes the errors.

    Raises:
        EmbeddingError: If another number of vectors came back, or vectors of several lengths.
        InvalidResponseError: If the reply is no list of embeddings.
    """
    try:
        data = json.loads(reply.body)
        if data.get("error"):
            raise translator.reported(data["error"], request_id=reply.request_id)
        items = sorted(data["data"], key=lambda item: int(item["index"]))
        rows = [item["embedding"] for item in items]
        lengths = {length(row) for row in rows}
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise translator.invalid(
            f"the reply is not a list of embeddings ({error})",
            body=reply.body,
            request_id=reply.request_id,
        ) from error
    if [item["index"] for item in items] != list(range(count)) or len(lengths) > 1:
        raise EmbeddingError(
            f"{count} texts were sent, and {len(rows)} vectors of length "
            f"{sorted(lengths)} came back; nothing was kept",
            request_id=reply.request_id,
        )
    usage = {"completion_tokens": 0, **(data.get("usage") or {})}
    return EmbeddedBatch(rows=rows, model=str(data.get("model") or ""), usage=read_usage(usage))
