"""FileReaderRegistry finds the reader of an extension, plug-ins included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from racto.core import Document, discovery
from racto.core.errors import ConfigurationError, UnsupportedFormatError
from racto.rag.readers import FileReaderRegistry, HtmlReader, MarkdownReader, PdfReader, TextReader


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
