"""A reader of plain UTF-8 text."""

from __future__ import annotations

from pathlib import Path

from racto.core.documents import Document
from racto.core.errors import BinaryDocumentError, EmptyDocumentError
from racto.core.flows import threaded
from racto.core.protocols.readers import ReadSource


class PlainReader:
    """Reads ``.txt`` files that hold UTF-8 text and nothing else."""

    @property
    def supported_extensions(self) -> frozenset[str]:
        """``.txt`` alone."""
        return frozenset({".txt"})

    def read(self, source: ReadSource) -> Document:
        """Read one document, whole.

        Raises:
            FileNotFoundError: If a path does not exist.
            EmptyDocumentError: If there is no text.
            BinaryDocumentError: If it is not UTF-8, or holds NUL.
        """
        if isinstance(source, str | Path):
            name, data = str(source), Path(source).read_bytes()
        else:
            name = (
                "<bytes>" if isinstance(source, bytes) else str(getattr(source, "name", "<file>"))
            )
            data = source if isinstance(source, bytes) else source.read()
        try:
            # Files from Windows begin with a mark that is no part of the text.
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise BinaryDocumentError(f"{name} is not UTF-8 text: {error}", source=name) from error
        if "\x00" in text:
            raise BinaryDocumentError(f"{name} holds NUL characters", source=name)
        if not text.strip():
            raise EmptyDocumentError(f"{name} holds no text", source=name)
        return Document(content=text, source=name)

    aread = threaded(read)
