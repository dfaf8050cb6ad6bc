"""Chunkers: whatever cuts a document into chunks."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from racto.core.documents import Chunk, Document


@runtime_checkable
class Chunker(Protocol):
    """Cuts documents so that ``document.text[chunk.start:chunk.end] == chunk.content``.

    A chunker holds no state between documents and may be shared between threads.
    """

    def chunk(self, document: Document) -> list[Chunk]:
        """All chunks of a document in their order; none for a document without text.

        Every character that is not white space is in at least one chunk.
        """
        ...

    async def achunk(self, document: Document) -> list[Chunk]:
        """Async twin of :meth:`chunk`."""
        ...
