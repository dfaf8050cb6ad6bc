"""A folder is an index or it is not; what is not an index is never written to."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from racto.core.errors import ConfigurationError, IndexCorruptError
from racto.rag.index import DocumentIndex
from racto.rag.index.directory import FILE_NAME, find_index, make_index


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_new_index_is_found_again(tmp_path: Path) -> None:
    made = make_index(tmp_path / "deep" / "index")
    assert find_index(tmp_path / "deep" / "index") == made
    assert (made.parent / ".gitignore").read_text() == "*\n"


def test_a_missing_index_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="racto-rag ingest"):
        find_index(tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("create", [True, False])
def test_a_foreign_folder_is_refused_and_untouched(tmp_path: Path, create: bool) -> None:
    (tmp_path / "thesis.docx").write_bytes(b"years of work")
    before = snapshot(tmp_path)
    with pytest.raises(IndexCorruptError, match=r"thesis\.docx"):
        DocumentIndex(tmp_path, create=create)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("create", [True, False])
def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path, create: bool) -> None:
    place = tmp_path / "index"
    place.write_text("a letter")
    with pytest.raises(IndexCorruptError, match="is a file"):
        DocumentIndex(place, create=create)
    assert place.read_text() == "a letter"


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage", b"SQLite format 3\x00 and nothing more", b"\x00" * 4096],
    ids=["empty", "garbage", "header only", "zeros"],
)
def test_a_damaged_file_is_refused_and_untouched(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(IndexCorruptError, match="nothing was changed"):
        DocumentIndex(tmp_path, create=True)
    assert snapshot(tmp_path) == {FILE_NAME: content}


def test_damage_behind_the_header_is_reported_in_words(tmp_path: Path) -> None:
    file = make_index(tmp_path)
    data = bytearray(file.read_bytes())
    data[100:] = b"\xa5" * (len(data) - 100)
    file.write_bytes(data)
    with pytest.raises(IndexCorruptError, match="damaged"), DocumentIndex(tmp_path) as index:
        index.sources()


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = snapshot(tmp_path)
    with pytest.raises(IndexCorruptError, match="another program"):
        DocumentIndex(tmp_path, create=True)
    assert snapshot(tmp_path) == before


def test_another_format_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(make_index(tmp_path))
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(IndexCorruptError, match="format 99"):
        DocumentIndex(tmp_path)


def test_a_crash_while_the_index_is_made_leaves_room_for_the_next_attempt(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / f"{FILE_NAME}.new").write_bytes(b"half of it")
    with DocumentIndex(tmp_path, create=True) as index:
        assert index.count() == 0
