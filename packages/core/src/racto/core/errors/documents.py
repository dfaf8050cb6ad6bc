"""Errors of reading: why a source gave no document."""

from __future__ import annotations

from typing import Any

from .root import RactoGatewayError


class ReadError(RactoGatewayError):
    """A source document could not be read.

    Attributes:
        source: Path or label of the document.
    """

    def __init__(self, message: str, *, source: str = "", **facts: Any) -> None:
        super().__init__(message, **facts)
        self.source = source


class UnsupportedFormatError(ReadError, ValueError):
    """No reader is registered for the document's extension."""


class EmptyDocumentError(ReadError):
    """The document holds no text (an empty file, or a scan without a text layer)."""


class EncryptedDocumentError(ReadError):
    """The document is protected by a password."""


class BinaryDocumentError(ReadError):
    """The document claims to be text but holds binary data or an unknown encoding."""


class DocumentTooLargeError(ReadError):
    """The document is larger than the configured limit."""


class DocumentChangedError(ReadError):
    """The document changed while it was being read."""

    default_retryable = True
