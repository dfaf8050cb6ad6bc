"""Errors of embedders, vector stores and indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.secrets import redact

from .root import RactoGatewayError


class EmbeddingError(RactoGatewayError):
    """Texts could not be embedded, or another number of vectors came back."""


class StoreError(RactoGatewayError):
    """A vector store could not do what was asked."""


class MissingEmbeddingError(StoreError, ValueError):
    """A chunk was added to a store without its embedding."""


class InvalidEmbeddingError(StoreError, ValueError):
    """A vector holds NaN, infinity, something that is no number, or is too long for float32."""


class DimensionMismatchError(StoreError, ValueError):
    """A vector's length differs from the store's dimension.

    Attributes:
        expected: The store's dimension.
        actual: The vector's length.
    """

    def __init__(self, message: str, *, expected: int, actual: int, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.expected = expected
        self.actual = actual


class StoreClosedError(StoreError):
    """The store was used after ``close()``."""


class PartialWriteError(StoreError):
    """A batch was stored in part.

    Attributes:
        stored: Ids that are safely stored.
        failed: Ids that are not, each with the reason.
    """

    def __init__(
        self, message: str, *, stored: Sequence[str], failed: Mapping[str, str], **facts: Any
    ) -> None:
        super().__init__(message, **facts)
        self.stored = tuple(stored)
        self.failed = {key: redact(reason) for key, reason in failed.items()}


class IndexCorruptError(StoreError):
    """Files on disk are damaged, of another version, or not racto's at all."""


class IndexLockedError(StoreError):
    """Another process is writing to the index."""

    default_retryable = True
