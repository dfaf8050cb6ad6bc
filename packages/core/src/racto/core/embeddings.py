"""Requests and replies of embedding models."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from .usage import Usage
from .vectors import Matrix as Matrix, Vector as Vector


class EmbeddingConfig(BaseModel):
    """Input of ``embed`` on a kit.

    Attributes:
        texts: Texts to embed, at least one.
        model: Embedding model instead of the kit's own.
        dimensions: Length of the vectors, where the model can shorten them.
        input_type: ``query`` or ``document``, where the model tells them apart.
        extra: Provider-specific fields, sent as they are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    texts: list[str] = Field(min_length=1)
    model: str | None = None
    dimensions: int | None = Field(default=None, gt=0)
    input_type: str | None = None
    extra: dict[str, Any] = Field(default_factory=dict)


class EmbeddingVector(BaseModel):
    """One text and its vector.

    Attributes:
        index: Position of the text in the request.
        text: The text.
        embedding: Its vector.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    index: int
    text: str
    # A list, because this goes through JSON; between libraries vectors travel as arrays.
    embedding: list[float]


class EmbeddingResponse(BaseModel):
    """The vectors of all texts of a request, in its order.

    Attributes:
        vectors: One entry a text.
        model: Model that made them.
        usage: Tokens and cost.
        provider: Who made them.
        raw: The provider's reply; not part of the JSON.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, defer_build=True)

    vectors: list[EmbeddingVector]
    model: str = ""
    usage: Usage = Field(default_factory=Usage)
    provider: str = ""
    raw: Any = Field(default=None, exclude=True, repr=False)
