"""FileReaderRegistry: the reader of each file extension."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from racto.core import discovery
from racto.core.documents import Document
from racto.core.errors import ConfigurationError, UnsupportedFormatError
from racto.core.flows import threaded
from racto.core.protocols.readers import Reader

PLUGINS = "racto.readers"
"""Entry-point group in which other distributions offer readers."""

ARCHIVES = frozenset({".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar"})
"""Extensions of archives, which have no reader unless one is registered."""


class FileReaderRegistry:
    """Chooses the reader of a file by its extension, whatever its case.

    The built-in readers come first, then what installed distributions offer under
    :data:`PLUGINS` for extensions that are not taken. A reader registered by hand replaces both.

    Args:
        readers: Readers to start with instead, a later one replacing an earlier one at the
            extensions they share; nothing else is looked for. None takes the built-in ones with
            their default settings and the plug-ins.
    """

    def __init__(self, readers: Sequence[Reader] | None = None) -> None:
        self._readers: dict[str, Reader] = {}
        # Plug-ins are imported when an extension is asked for that nobody has taken.
        self._undiscovered = readers is None
        for reader in _built_in() if readers is None else readers:
            self.register(reader)

    def register(self, reader: Reader) -> None:
        """Use a reader for all its extensions, in the place of those registered before.

        Raises:
            ConfigurationError: If one of its extensions is not lower case with a leading dot.
        """
        extensions = sorted(reader.supported_extensions)
        for extension in extensions:
            if not extension.startswith(".") or extension != extension.lower():
                raise ConfigurationError(
                    f"{type(reader).__name__} supports {extension!r}; write extensions in lower "
                    'case with their dot, such as ".pdf"'
                )
        self._readers.update(dict.fromkeys(extensions, reader))

    def get_reader(self, path: str | os.PathLike[str]) -> Reader:
        """Return the reader for a path's extension; the file need not exist.

        Raises:
            UnsupportedFormatError: If there is none; it is a ``ValueError``, and lists the
                extensions that are known.
        """
        extension = Path(path).suffix.lower()
        if extension not in self._readers:
            self._discover()
        found = self._readers.get(extension)
        if found is None and extension in ARCHIVES:
            raise UnsupportedFormatError(
                f"{os.fspath(path)!r} is an archive; unpack it, or register ArchiveReader, which "
                "reads .zip, .tar and .gz",
                source=os.fspath(path),
            )
        if found is None:
            wanted = f"the extension {extension!r}" if extension else "a file without extension"
            raise UnsupportedFormatError(
                f"{os.fspath(path)!r}: no reader for {wanted}. Known: "
                f"{' '.join(sorted(self._readers)) or 'none'}. Register one, or name a reader "
                "yourself",
                source=os.fspath(path),
            )
        return found

    def read(self, path: str | os.PathLike[str]) -> Document:
        """Read a file with the reader of its extension.

        Raises:
            FileNotFoundError: If the path does not exist.
            UnsupportedFormatError: If no reader is registered for its extension.
            ReadError: If the reader refuses it; the subclass says why.
        """
        return self.get_reader(path).read(os.fspath(path))

    aread = threaded(read)

    @property
    def supported_extensions(self) -> frozenset[str]:
        """All extensions that have a reader, plug-ins included."""
        self._discover()
        return frozenset(self._readers)

    def _discover(self) -> None:
        if not self._undiscovered:
            return
        self._undiscovered = False
        for name in discovery.names(PLUGINS):
            reader: Reader = discovery.create(PLUGINS, name)
            for extension in reader.supported_extensions:
                self._readers.setdefault(extension, reader)


def _built_in() -> Iterator[Reader]:
    from .epub import EpubReader
    from .html import HtmlReader
    from .image import ImageReader
    from .mail import EmailReader
    from .markdown import MarkdownReader
    from .pdf import PdfReader
    from .records import JsonReader
    from .slides import SlidesReader
    from .spreadsheet import SpreadsheetReader
    from .text import TextReader
    from .word import WordReader

    yield TextReader()
    yield MarkdownReader()
    yield HtmlReader()
    yield PdfReader()
    yield JsonReader()
    yield SpreadsheetReader()
    yield WordReader()
    yield SlidesReader()
    yield EpubReader()
    yield EmailReader()
    yield ImageReader()
