"""FileReaderRegistry finds the reader of an extension, plug-ins included."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from racto.core import Document, discovery
from racto.core.errors import (
    ConfigurationError,
    DocumentTooLargeError,
    ReadError,
    UnsupportedFormatError,
)
from racto.rag.readers import (
    EmailReader,
    EpubReader,
    FileReaderRegistry,
    HtmlReader,
    ImageReader,
    JsonReader,
    MarkdownReader,
    PdfReader,
    SlidesReader,
    SpreadsheetReader,
    TextReader,
    WordReader,
)


class ShoutReader(TextReader):
    """Reads .shout, and .txt when it is asked to."""

    supported_extensions = frozenset({".shout", ".txt"})


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A distribution installed in a folder that offers a reader."""
    info = tmp_path / "shout-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shout\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[racto.readers]\nshout = shouting:ShoutReader\n")
    (tmp_path / "shouting.py").write_text(
        "from racto.rag.readers import TextReader\n"
        "class ShoutReader(TextReader):\n"
        "    supported_extensions = frozenset({'.shout', '.txt'})\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    discovery.refresh()
    yield
    discovery.refresh()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.txt", TextReader),
        ("A.MD", MarkdownReader),
        ("folder.pdf/page.htm", HtmlReader),
        ("a.b.pdf", PdfReader),
        ("a.py", TextReader),
        ("a.csv", SpreadsheetReader),
        ("a.tsv", SpreadsheetReader),
        ("a.xlsx", SpreadsheetReader),
        ("a.xls", SpreadsheetReader),
        ("a.ods", SpreadsheetReader),
        ("a.docx", WordReader),
        ("a.pptx", SlidesReader),
        ("a.json", JsonReader),
        ("a.jsonl", JsonReader),
        ("a.epub", EpubReader),
        ("a.eml", EmailReader),
        ("a.JPG", ImageReader),
    ],
)
def test_built_in_readers(name: str, kind: type):
    assert type(FileReaderRegistry().get_reader(name)) is kind


def test_read_uses_the_reader_of_the_extension(tmp_path: Path):
    path = tmp_path / "a.md"
    path.write_text("# Title\n")
    document = FileReaderRegistry().read(path)
    assert isinstance(document, Document)
    assert document.sections[0].title == "Title"


async def test_the_async_twin_reads_the_same(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text("text")
    registry = FileReaderRegistry()
    assert await registry.aread(path) == registry.read(path)


@pytest.mark.parametrize("name", ["a.xyz", "README", ".bashrc"])
def test_an_unknown_extension_is_a_value_error_that_lists_the_known(name: str):
    with pytest.raises(ValueError, match=r"\.html .*\.md .*\.txt") as caught:
        FileReaderRegistry().get_reader(name)
    assert isinstance(caught.value, UnsupportedFormatError)
    assert caught.value.source == name


def test_given_readers_are_the_only_ones(plugin: None):
    registry = FileReaderRegistry([MarkdownReader()])
    assert registry.supported_extensions == {".md", ".markdown"}
    with pytest.raises(UnsupportedFormatError):
        registry.get_reader("a.shout")


def test_the_last_registered_reader_wins():
    registry = FileReaderRegistry()
    registry.register(ShoutReader())
    assert type(registry.get_reader("a.txt")) is ShoutReader
    assert ".shout" in registry.supported_extensions


def test_installed_readers_are_found_and_do_not_replace_built_in_ones(plugin: None):
    registry = FileReaderRegistry()
    assert type(registry.get_reader("a.shout")).__name__ == "ShoutReader"
    assert type(registry.get_reader("a.txt")) is TextReader
    assert ".shout" in FileReaderRegistry().supported_extensions


def test_extensions_must_be_normal():
    reader = TextReader()
    for extension in ("txt", ".TXT"):
        odd = type("OddReader", (TextReader,), {"supported_extensions": frozenset({extension})})()
        with pytest.raises(ConfigurationError, match="OddReader"):
            FileReaderRegistry([reader, odd])


EXTENSIONS = sorted(FileReaderRegistry().supported_extensions)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_a_gigabyte_is_refused_before_it_is_read(extension: str, tmp_path: Path):
    path = tmp_path / f"huge{extension}"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(DocumentTooLargeError, match="huge"):
        FileReaderRegistry().read(path)


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_names_that_are_not_utf8_and_files_of_nuls_are_refused_by_name(
    extension: str, tmp_path: Path
):
    path = tmp_path / os.fsdecode(b"odd\xff" + extension.encode())
    path.write_bytes(bytes(5_000))
    with pytest.raises(ReadError, match="odd") as caught:
        FileReaderRegistry().read(path)
    caught.value.source.encode()


@pytest.mark.parametrize("extension", EXTENSIONS)
def test_loops_of_links_and_folders_are_refused(extension: str, tmp_path: Path):
    loop = tmp_path / f"loop{extension}"
    loop.symlink_to(loop)
    folder = tmp_path / f"folder{extension}"
    folder.mkdir()
    for path in (loop, folder):
        with pytest.raises(ReadError, match=path.stem):
            FileReaderRegistry().read(path)


@pytest.mark.parametrize("extension", EXTENSIONS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(junk=st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_any_bytes_give_a_document_or_a_read_error(extension: str, junk: bytes):
    reader = FileReaderRegistry().get_reader(f"a{extension}")
    file = io.BytesIO(junk)
    file.name = f"a{extension}"
    try:
        document = reader.read(file)
    except ReadError:
        return
    document.text.encode()
