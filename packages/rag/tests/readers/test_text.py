"""TextReader takes text as it is and says what it read."""

from __future__ import annotations

from pathlib import Path

import pytest

from racto.core.errors import BinaryDocumentError, ConfigurationError
from racto.core.testing import ReaderContract
from racto.rag.readers import TextReader


class TestContract(ReaderContract):
    """TextReader is a reader."""

    @pytest.fixture
    def reader(self) -> TextReader:
        return TextReader()


def test_metadata_say_what_was_read(tmp_path: Path):
    path = tmp_path / "settings.TOML"
    path.write_bytes('name = "Zoë"\r\n'.encode())
    document = TextReader().read(path)
    assert document.text == 'name = "Zoë"\n'
    assert dict(document.metadata) == {
        "mime": "application/toml",
        "size_bytes": 15,
        "title": "settings.TOML",
        "encoding": "utf-8",
    }
    assert document.pages == document.sections == ()


def test_the_fallback_is_the_callers_word():
    data = "Größe".encode("cp1252")
    with pytest.raises(BinaryDocumentError):
        TextReader().read(data)
    assert TextReader(fallback_encoding="cp1252").read(data).text == "Größe"
    with pytest.raises(ConfigurationError):
        TextReader(fallback_encoding="cp-1252-or-so")


def test_the_extensions_of_the_reference_are_read():
    wanted = ".txt .rst .log .ini .cfg .toml .yaml .yml .json .jsonl .xml .tex"
    assert TextReader().supported_extensions > set(wanted.split())


def test_definitions_of_python_files_are_sections(tmp_path: Path):
    path = tmp_path / "bees.py"
    path.write_text("class Hive:\n    def fly(self): ...\n")
    document = TextReader().read(path)
    assert document.section_at(20) == "Hive > fly"
    path = path.with_suffix(".js")
    path.write_text("class Hive {}\n")
    assert TextReader().read(path).sections == ()
