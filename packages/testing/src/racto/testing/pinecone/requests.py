"""What Pinecone's endpoints take, and how a body is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, Field, ValidationError

from racto.testing.exchange import Incoming
from racto.testing.fields import Strict

from .failures import refusal

M = TypeVar("M", bound=BaseModel)

# The published limits of serverless indexes.
MOST_BYTES = 2 * 1024 * 1024
MOST_VECTORS = 1000
MOST_RESULTS = 10_000
MOST_IDS = 1000
LONGEST_ID = 512
MOST_LISTED = 100


class GivenVector(Strict):
    """A vector of an upsert; sparse ones are not served."""

    id: str
    values: list[float]
    metadata: dict[str, Any] | None = None


class UpsertRequest(Strict):
    """``POST /vectors/upsert``."""

    vectors: Annotated[list[GivenVector], Field(min_length=1)]
    namespace: str = ""


class QueryRequest(Strict):
    """``POST /query``."""

    topK: Annotated[int, Field(ge=1, le=MOST_RESULTS)]  # noqa: N815 - Pinecone's spelling
    vector: list[float] | None = None
    id: str | None = None
    namespace: str = ""
    filter: dict[str, Any] | None = None
    includeValues: bool = False  # noqa: N815 - Pinecone's spelling
    includeMetadata: bool = False  # noqa: N815 - Pinecone's spelling


class DeleteRequest(Strict):
    """``POST /vectors/delete``."""

    ids: list[str] | None = None
    deleteAll: bool = False  # noqa: N815 - Pinecone's spelling
    filter: dict[str, Any] | None = None
    namespace: str = ""


class MetadataFetchRequest(Strict):
    """``POST /vectors/fetch_by_metadata``."""

    filter: dict[str, Any]
    namespace: str = ""
    limit: Annotated[int, Field(ge=1, le=MOST_RESULTS)] = 100
    paginationToken: str | None = None  # noqa: N815 - Pinecone's spelling


class StatsRequest(Strict):
    """``POST /describe_index_stats``."""

    filter: dict[str, Any] | None = None


class DenseField(Strict):
    """The one field of an index of vectors."""

    type: Literal["dense_vector"]
    dimension: Annotated[int, Field(ge=1, le=20_000)]
    metric: Literal["cosine", "euclidean", "dotproduct"] = "cosine"


class Schema(Strict):
    """The fields of an index."""

    fields: Annotated[dict[str, DenseField], Field(min_length=1, max_length=1)]


class CreateIndexRequest(Strict):
    """``POST /indexes``."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?$")]
    schema_: Annotated[Schema, Field(alias="schema")]
    deployment: dict[str, Any] | None = None
    read_capacity: dict[str, Any] | None = None
    deletion_protection: Literal["enabled", "disabled"] = "disabled"
    tags: dict[str, str] | None = None


def read(model: type[M], request: Incoming, *, control: bool = False) -> M:
    """Read the body of a request.

    Args:
        model: What the body should be.
        request: The request.
        control: Whether the control plane is asked.

    Raises:
        Refusal: If it is too large or no JSON, or a field is unknown, missing or wrong.
    """
    if len(request.body) > MOST_BYTES:
        words = f"Request size {len(request.body)} exceeds the maximum of {MOST_BYTES} bytes"
        raise refusal(words, status=413, control=control)
    body = request.json
    if not isinstance(body, dict):
        raise refusal("Invalid JSON payload received.", control=control)
    try:
        return model.model_validate(body)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
    place = ".".join(str(step) for step in fault["loc"])
    raise refusal(f"Invalid value at '{place}': {fault['msg']}", control=control)


def asked(request: Incoming) -> Mapping[str, Sequence[str]]:
    """The fields of a request's query, each with all its values."""
    return parse_qs(urlsplit(request.target).query, keep_blank_values=True)


def checked_id(given: str) -> str:
    """An id as it is.

    Raises:
        Refusal: If it is empty, too long, or not in ASCII.
    """
    if not given or len(given) > LONGEST_ID:
        raise refusal(f"Vector ID must be 1 to {LONGEST_ID} characters, got {len(given)}")
    if not given.isascii() or "\x00" in given:
        raise refusal(f"Vector ID must be ASCII, but got '{given[:64]}'")
    return given
