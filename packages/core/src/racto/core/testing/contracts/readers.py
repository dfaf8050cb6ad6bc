"""The contract of readers: a document from a path, from bytes or from an open file, or a reason."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import ClassVar

import pytest

from racto.core.documents import Document
from racto.core.errors import ReadError
from racto.core.protocols.readers import Reader

from .contract import Contract
from .voices import Voice


class ReaderContract(Contract, subject="reader", protocol=Reader):
    """All laws of a reader.

    Give a fixture ``reader``, and a file for it to read.

    Attributes:
        file_name: Name of the file, with an extension that the reader supports.
        file_bytes: Its content.
        words: Text that must be found in the document.
    """

    file_name: ClassVar[str] = "sample.txt"
    file_bytes: ClassVar[bytes] = "Grüße aus Köln.\n\nTwo lines.\n".encode()
    words: ClassVar[str] = "Two lines."

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        """The file on disk."""
        path = tmp_path / self.file_name
        path.write_bytes(self.file_bytes)
        return path

    def test_extensions_are_normal(self, reader: Reader) -> None:
        """Extensions are lower case with their dot, and the sample's is among them.

        If this fails: write ``.pdf``, neither ``pdf`` nor ``.PDF``.
        """
        extensions = reader.supported_extensions
        assert isinstance(extensions, frozenset)
        assert all(text.startswith(".") and text == text.lower() for text in extensions)
        assert Path(self.file_name).suffix.lower() in extensions

    def test_every_source_reads_the_same(self, reader: Reader, voice: Voice, path: Path) -> None:
        """A path, its string, the bytes and an open file give the same text.

        If this fails: open paths in binary mode and decode in one place for all four.
        """
        document: Document = voice(reader, "read", path)
        assert self.words in document.text
        assert voice(reader, "read", str(path)).text == document.text
        # Uploads arrive as bytes or as open files, never as paths.
        assert voice(reader, "read", self.file_bytes).text == document.text
        assert voice(reader, "read", io.BytesIO(self.file_bytes)).text == document.text

    def test_source_is_named(self, reader: Reader, voice: Voice, path: Path) -> None:
        """A document says where it came from: the path, or some label for bytes.

        If this fails: set ``Document.source``; citations print it.
        """
        assert self.file_name in voice(reader, "read", path).source
        assert voice(reader, "read", self.file_bytes).source

    def test_open_file_is_the_callers(self, reader: Reader, voice: Voice) -> None:
        """An open file is read from where it stands and left open.

        If this fails: close only what the reader opened itself.
        """
        file = io.BytesIO(self.file_bytes)
        voice(reader, "read", file)
        # Web frameworks read an upload twice and close it themselves.
        assert not file.closed

    def test_structure_points_into_the_text(self, reader: Reader, voice: Voice, path: Path) -> None:
        """Offsets of pages and sections ascend within the text; metadata is plain data.

        If this fails: take offsets from the final text, after all cleaning and joining.
        """
        document: Document = voice(reader, "read", path)
        sections = [section.start for section in document.sections]
        for starts in (list(document.pages), sections):
            assert starts == sorted(starts)
            # A section may begin at the very end: a heading without text under it.
            assert all(0 <= start <= len(document.text) for start in starts)
        assert all(section.level >= 1 for section in document.sections)
        json.dumps(dict(document.metadata))

    def test_missing_file_is_not_found(self, reader: Reader, voice: Voice, path: Path) -> None:
        """A path that does not exist raises ``FileNotFoundError`` with the path.

        If this fails: let the operating system's error through; do not wrap it.
        """
        # The right extension, so that it is the file that is missing and not its format.
        missing = path.with_name(f"missing{path.suffix}")
        with pytest.raises(FileNotFoundError, match="missing"):
            voice(reader, "read", missing)

    def test_empty_file_is_refused(self, reader: Reader, voice: Voice, path: Path) -> None:
        """An empty file raises ``ReadError`` that names it.

        If this fails: raise ``EmptyDocumentError`` when no text is found, with ``source=``.
        """
        # Skipping with a reason is for the caller; the reader only gives the reason.
        path.write_bytes(b"")
        with pytest.raises(ReadError, match=path.name):
            voice(reader, "read", path)

    @pytest.mark.parametrize("junk", [b"\x00\x01\x02\xff\xfe" * 200, b"\x89PNG\r\n\x1a\n\x00\x00"])
    def test_binary_junk_is_refused(
        self, reader: Reader, voice: Voice, path: Path, junk: bytes
    ) -> None:
        """Bytes of another kind raise ``ReadError`` that names the file, and nothing else.

        If this fails: translate the parser's errors, whatever their class, and do not decode
        with ``errors="ignore"``.
        """
        # A wrong extension is everyday: a picture named .txt, a torn download.
        path.write_bytes(junk)
        with pytest.raises(ReadError, match=path.name):
            voice(reader, "read", path)

    def test_many_callers_at_once(self, reader: Reader, voice: Voice, path: Path) -> None:
        """One reader reads for many threads or tasks.

        If this fails: keep the parser's state out of the reader; some libraries need a lock.
        """
        documents = voice.together(reader, "read", [(path,)] * 8)
        assert {document.text for document in documents} == {documents[0].text}
