"""Vectors: the feature-extraction pipeline, TEI's ``/embed``, and OpenAI's form of it."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.fields import Strict
from racto.testing.openai.embeddings import EmbeddingRequest
from racto.testing.openai.validation import read
from racto.testing.payloads import whole
from racto.testing.refusals import Refusal
from racto.testing.replies import Failure
from racto.testing.vectors import tokens, vector

from .failures import failure_answer, refusal, reworded

_PIPELINE = re.compile(r"(?:/hf-inference)?/models/(?P<model>.+)/pipeline/feature-extraction")
_OWN = ("/", "/embed")
_OPENAI = "/v1/embeddings"
_DIMENSIONS = 384
# What TEI takes unless it is started with another --max-client-batch-size.
_MOST_TEXTS = 32


class FeatureExtraction(Strict):
    """A request in the form of Hugging Face's own servers."""

    inputs: str | list[str]
    normalize: bool | None = None
    prompt_name: str | None = None
    truncate: bool | None = None
    truncation_direction: Literal["left", "right", "Left", "Right"] | None = None
    dimensions: Annotated[int, Field(ge=1)] | None = None
    encoding_format: Literal["float", "base64"] | None = None


class EmbeddingsEndpoint:
    """Answers requests for vectors; a server of one model has them at ``/`` and ``/embed``."""

    def takes(self, request: Incoming) -> bool:
        """Whether the request is for vectors."""
        path = request.path
        is_known = path in (*_OWN, _OPENAI) or _PIPELINE.fullmatch(path) is not None
        return request.method == "POST" and is_known

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If the API would not take the request.
        """
        found = _PIPELINE.fullmatch(request.path)
        model = found.group("model") if found else ""
        try:
            asked: FeatureExtraction | EmbeddingRequest
            if request.path == _OPENAI:
                asked = read(EmbeddingRequest, request, classic=True)
                texts: Sequence[str] = asked.inputs
                model = asked.model
            else:
                asked = read(FeatureExtraction, request, classic=True)
                texts = [asked.inputs] if isinstance(asked.inputs, str) else asked.inputs
        except Refusal as refused:
            raise reworded(refused) from refused
        _check(texts)
        answer = script.outcome_of(request)
        if isinstance(answer, Failure):
            return failure_answer(answer, model)
        return whole(answer, lambda: _vectors(asked, texts))


def _check(texts: Sequence[str]) -> None:
    if not texts or "" in texts:
        raise refusal("`inputs` cannot be empty", kind="Empty", status=HTTPStatus.BAD_REQUEST)
    if len(texts) > _MOST_TEXTS:
        raise refusal(
            f"batch size {len(texts)} > maximum allowed batch size {_MOST_TEXTS}",
            kind="Validation",
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )


def _vectors(asked: FeatureExtraction | EmbeddingRequest, texts: Sequence[str]) -> Any:
    size = asked.dimensions or _DIMENSIONS
    found: list[Any] = [vector(text, size) for text in texts]
    if asked.encoding_format == "base64":
        packed = (struct.pack(f"<{size}f", *values) for values in found)
        # Little-endian floats, as OpenAI's clients read them.
        found = [base64.b64encode(values).decode() for values in packed]
    if isinstance(asked, FeatureExtraction):
        return found
    count = sum(map(tokens, texts))
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": number, "embedding": values}
            for number, values in enumerate(found)
        ],
        "model": asked.model,
        "usage": {"prompt_tokens": count, "total_tokens": count},
    }
