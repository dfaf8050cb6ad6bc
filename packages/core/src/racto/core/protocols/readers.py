"""Readers: whatever turns a file into a document."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias, runtime_checkable

from racto.core.documents import Document

ReadSource: TypeAlias = str | Path | bytes | BinaryIO
"""A path, the bytes themselves, or an open binary file."""


@runtime_checkable
class Reader(Protocol):
    """Reads the formats behind a set of extensions."""

    @property
    def supported_extensions(self) -> frozenset[str]:
        """Lower-case extensions with their dot, for example ``.pdf``."""
        ...

    def read(self, source: ReadSource) -> Document:
        """Read one document, whole.

        Raises:
            FileNotFoundError: If a path does not exist.
            ReadError: If it cannot be read; the subclass says why, the message names it.
        """
        ...

    async def aread(self, source: ReadSource) -> Document:
        """Async twin of :meth:`read`."""
        ...
