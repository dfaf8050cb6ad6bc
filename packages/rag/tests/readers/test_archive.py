"""ArchiveReader walks an archive within limits and says what it could not read."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from racto.core import Document
from racto.core.errors import (
    DocumentTooLargeError,
    EmptyDocumentError,
    ReadError,
    UnsupportedFormatError,
)
from racto.core.testing import ReaderContract
from racto.rag.readers import ArchiveReader, FileReaderRegistry

FILES = {
    "docs/guide.md": b"# Guide\nRead me.\n",
    "../../etc/table.csv": b"a,b\n1,2\n",
    "torn.pdf": b"%PDF-1.4 nothing",
    "inner.zip": b"PK\x03\x04",
    "tool.exe": b"MZ",
    "é.txt": "Grüße\n".encode(),
}
WORDS = "# Guide\nRead me.\n\n\na | b\na: 1 | b: 2\n\nGrüße\n"


def zipped(files: dict[str, bytes] | None = None) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (FILES if files is None else files).items():
            archive.writestr(name, data)
    return target.getvalue()


def tarred(mode: str, files: dict[str, bytes] | None = None) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=f"w{mode}") as archive:
        link = tarfile.TarInfo("link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        for name, data in (FILES if files is None else files).items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return target.getvalue()


class TestContract(ReaderContract):
    """ArchiveReader is a reader."""

    file_name = "sample.zip"
    file_bytes = zipped()
    words = "Grüße"

    @pytest.fixture
    def reader(self) -> ArchiveReader:
        return ArchiveReader()


def read(data: bytes) -> Document:
    return ArchiveReader().read(data)


@pytest.mark.parametrize("data", [zipped(), tarred(""), tarred(":gz")], ids=["zip", "tar", "tgz"])
def test_members_are_sections(data: bytes):
    document = read(data)
    assert document.text == WORDS
    row = document.text.index("a: 1")
    assert document.section_at(row) == "../../etc/table.csv"
    assert document.row_at(row) == 2
    guide = document.text.index("Read me")
    assert document.section_at(guide) == "docs/guide.md > Guide"
    facts = document.metadata
    assert (facts["member_count"], facts["unsupported_members"]) == (3, 2)
    assert facts["unread_members"]["count"] == 1
    assert facts["unread_members"]["first"][0].startswith("torn.pdf: ")


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    read(tarred(":gz"))
    assert list(tmp_path.iterdir()) == []


def test_a_single_file_is_unzipped_under_its_name(tmp_path: Path):
    path = tmp_path / "people.csv.gz"
    path.write_bytes(gzip.compress(b"name\nAnna\n"))
    document = ArchiveReader().read(path)
    assert document.text == "name\nname: Anna"
    assert document.section_at(0) == "people.csv"


def test_bombs_are_refused():
    with pytest.raises(DocumentTooLargeError, match="zip bomb"):
        read(zipped({"a.txt": bytes(50_000_000)}))
    with pytest.raises(DocumentTooLargeError, match="unpacks to more than"):
        ArchiveReader(max_unpacked=1_000_000).read(gzip.compress(bytes(9_000_000)))
    with pytest.raises(DocumentTooLargeError, match="more than 2 files"):
        ArchiveReader(max_members=2).read(zipped())


@pytest.mark.parametrize("data", [zipped()[:200], tarred(":gz")[:200], tarred("")[:700], b"text"])
def test_torn_archives_are_refused(data: bytes):
    with pytest.raises(ReadError):
        read(data)


def test_an_archive_without_anything_to_read_is_empty():
    with pytest.raises(EmptyDocumentError, match="1 files without a reader, 1 refused"):
        read(zipped({"a.exe": b"MZ", "b.pdf": b"no"}))


def test_it_is_not_registered_until_somebody_does():
    registry = FileReaderRegistry()
    with pytest.raises(UnsupportedFormatError, match="an archive; unpack it, or register"):
        registry.get_reader("backup.tar.gz")
    registry.register(ArchiveReader())
    assert type(registry.get_reader("backup.tar.gz")) is ArchiveReader
