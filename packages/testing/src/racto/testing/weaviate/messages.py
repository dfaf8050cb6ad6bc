"""The messages of Weaviate's gRPC API, taken from its client, and gRPC itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from racto.core.errors import MissingExtraError


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """Modules of messages, and the library that carries them.

    Attributes:
        grpc: The library.
        search: Messages of ``Search``.
        batch: Messages of ``BatchObjects``.
        delete: Messages of ``BatchDelete``.
        aggregate: Messages of ``Aggregate``.
        health: Messages of gRPC's health check.
    """

    grpc: Any
    search: Any
    batch: Any
    delete: Any
    aggregate: Any
    health: Any


def loaded() -> Messages:
    """Import them.

    Raises:
        MissingExtraError: If Weaviate's client is not installed.
    """
    try:
        import grpc  # type: ignore[import-untyped]

        # The client picks the messages that fit the protobuf which is installed.
        from weaviate.proto import v1
    except ImportError as error:
        raise MissingExtraError(
            error.name or "weaviate", install="racto-testing[weaviate]", purpose="WeaviateServer"
        ) from error
    return Messages(
        grpc=grpc,
        search=v1.search_get_pb2,
        batch=v1.batch_pb2,
        delete=v1.batch_delete_pb2,
        aggregate=v1.aggregate_pb2,
        health=v1.health_weaviate_pb2,
    )
