"""What Voyage's endpoints take, and how a body is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, Field, ValidationError

from racto.testing.exchange import Incoming
from racto.testing.fields import Strict

from .failures import refusal

M = TypeVar("M", bound=BaseModel)

Dtype: TypeAlias = Literal["float", "int8", "uint8", "binary", "ubinary"]
"""How the numbers of a vector are told; the binary ones tell eight in one."""

_Dimension: TypeAlias = Literal[256, 512, 1024, 2048]


class VectorSettings(Strict):
    """What all requests for vectors may have."""

    model: str
    input_type: Literal["query", "document"] | None = None
    truncation: bool | None = None
    output_dimension: _Dimension | None = None
    output_dtype: Dtype | None = None
    encoding_format: Literal["base64"] | None = None


class EmbeddingsRequest(VectorSettings):
    """``POST /v1/embeddings``."""

    input: str | list[str]

    @property
    def texts(self) -> Sequence[str]:
        """The texts to embed."""
        return [self.input] if isinstance(self.input, str) else self.input


class TextSegment(Strict):
    """Text among pictures."""

    type: Literal["text"]
    text: str


class ImageUrlSegment(Strict):
    """A picture by its address."""

    type: Literal["image_url"]
    image_url: str


class ImageSegment(Strict):
    """A picture as a data URL."""

    type: Literal["image_base64"]
    image_base64: Annotated[str, Field(pattern=r"^data:image/(png|jpeg|webp|gif);base64,")]


class VideoUrlSegment(Strict):
    """A film by its address."""

    type: Literal["video_url"]
    video_url: str


class VideoSegment(Strict):
    """A film as a data URL."""

    type: Literal["video_base64"]
    video_base64: Annotated[str, Field(pattern=r"^data:video/mp4;base64,")]


Segment: TypeAlias = Annotated[
    TextSegment | ImageUrlSegment | ImageSegment | VideoUrlSegment | VideoSegment,
    Field(discriminator="type"),
]
"""A piece of an input of words and pictures."""


class MixedInput(Strict):
    """Words and pictures that get one vector together."""

    content: Annotated[list[Segment], Field(min_length=1)]


class MultimodalRequest(VectorSettings):
    """``POST /v1/multimodalembeddings``."""

    inputs: Annotated[list[MixedInput], Field(min_length=1, max_length=1000)]


class RerankRequest(Strict):
    """``POST /v1/rerank``."""

    query: str
    documents: Annotated[list[str], Field(min_length=1, max_length=1000)]
    model: str
    top_k: Annotated[int, Field(ge=1)] | None = None
    return_documents: bool | None = None
    truncation: bool | None = None


def read(model: type[M], request: Incoming) -> M:
    """Read the body of a request.

    Args:
        model: What the body should be.
        request: The request.

    Raises:
        Refusal: If it is no JSON, or an argument is unknown, missing or wrong.
    """
    body = request.json
    if not isinstance(body, dict):
        raise refusal("The request body is not valid JSON.")
    try:
        return model.model_validate(body)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
    raise refusal(_told(fault["type"], [str(step) for step in fault["loc"]], fault["msg"]))


def _told(kind: str, place: Sequence[str], words: Any) -> str:
    name = ".".join(place)
    if kind == "extra_forbidden":
        return f"Argument '{name}' is not supported by our API"
    if kind == "missing":
        return f"Argument '{name}' is required"
    return f"Argument '{name}' is not valid: {words}"
