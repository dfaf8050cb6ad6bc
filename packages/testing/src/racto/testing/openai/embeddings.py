"""Embeddings: for each text a vector, always the same one, in an order that must be put right."""

from __future__ import annotations

import base64
import struct
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.fields import Given, Strict
from racto.testing.payloads import whole
from racto.testing.replies import Failure
from racto.testing.vectors import tokens, vector

from .failures import failure_answer, only, refusal
from .validation import read

# What OpenAI's smaller model gives.
_DIMENSIONS = 1536
# More than any of its models gives, and no more memory than a test can spare.
_MOST_DIMENSIONS = 4096
_Text: TypeAlias = Annotated[str, Field(min_length=1)]
_TokenIds: TypeAlias = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)]
_MOST_INPUTS = 2048


class EmbeddingRequest(Strict):
    """The body of ``POST /embeddings``."""

    model: str
    # Tokens are taken for their words, as some clients count before they send.
    input: (
        str
        | Annotated[list[_Text], Field(min_length=1, max_length=_MOST_INPUTS)]
        | _TokenIds
        | Annotated[list[_TokenIds], Field(min_length=1, max_length=_MOST_INPUTS)]
    )
    dimensions: Given[Annotated[int, Field(ge=1, le=_MOST_DIMENSIONS)]] = None
    encoding_format: Given[Literal["float", "base64"]] = None
    user: Given[str] = None

    @property
    def inputs(self) -> list[str]:
        """The texts; tokens stand for themselves."""
        given: list[Any] = [self.input] if isinstance(self.input, str) else list(self.input)
        if isinstance(given[0], int):
            given = [given]
        return [each if isinstance(each, str) else " ".join(map(str, each)) for each in given]


class EmbeddingsEndpoint:
    """``POST /v1/embeddings``."""

    def takes(self, request: Incoming) -> bool:
        """Whether the request is for this part."""
        return request.path == "/v1/embeddings"

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If the API would not take the request.
        """
        only("POST", request)
        asked = read(EmbeddingRequest, request, classic=True)
        if asked.input == "":
            raise refusal("Invalid 'input': input cannot be an empty string.", param="input")
        outcome = script.outcome_of(request)
        if isinstance(outcome, Failure):
            return failure_answer(outcome, place="input")
        return whole(outcome, lambda: _vectors(asked))


def _vectors(asked: EmbeddingRequest) -> dict[str, Any]:
    size = asked.dimensions or _DIMENSIONS
    is_packed = asked.encoding_format == "base64"
    data = []
    for number, text in enumerate(asked.inputs):
        values = vector(text, size)
        shown = (
            base64.b64encode(struct.pack(f"<{size}f", *values)).decode() if is_packed else values
        )
        data.append({"object": "embedding", "index": number, "embedding": shown})
    count = sum(map(tokens, asked.inputs))
    usage = {"prompt_tokens": count, "total_tokens": count}
    # Backwards: it is the index that counts, and a client that trusts the order shall notice.
    return {"object": "list", "data": data[::-1], "model": asked.model, "usage": usage}
