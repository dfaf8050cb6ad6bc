"""Folders: damaged files are refused by name, nothing in them runs, and the process lives on."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from racto.core.errors import IndexCorruptError
from racto.core.testing.contracts.samples import fan
from racto.stores.chroma import ChromaStore
from racto.stores.chroma.soundness import check_folder


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with so many chunks that Chroma has written their graph."""
    place = tmp_path_factory.mktemp("filled") / "folder"
    store = ChromaStore("notes", path=place)
    store.add(fan(1100, 4))
    store.close()
    return place


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "copy"))


def graph(place: Path, name: str) -> Path:
    (found,) = place.glob(f"*/{name}")
    return found


def change(file: Path, at: int, data: bytes) -> None:
    whole = bytearray(file.read_bytes())
    whole[at : at + len(data)] = data
    file.write_bytes(whole)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


DAMAGES: dict[str, Callable[[Path], Any]] = {
    "cut database": lambda place: cut(place / "chroma.sqlite3"),
    "no database": lambda place: (place / "chroma.sqlite3").write_bytes(b"garbage " * 999),
    "empty database": lambda place: (place / "chroma.sqlite3").write_bytes(b""),
    "lost database": lambda place: (place / "chroma.sqlite3").unlink(),
    "overwritten database": lambda place: change(
        place / "chroma.sqlite3", 8192, b"\x93" * 1_000_000
    ),
    "cut header": lambda place: cut(graph(place, "header.bin")),
    "another version": lambda place: change(graph(place, "header.bin"), 0, b"\x07"),
    "too many records": lambda place: change(graph(place, "header.bin"), 20, b"\xff\xff"),
    "an entry beyond": lambda place: change(graph(place, "header.bin"), 56, b"\xff\xff\xff"),
    "cut vectors": lambda place: cut(graph(place, "data_level0.bin")),
    "lost vectors": lambda place: graph(place, "data_level0.bin").unlink(),
    "foreign links": lambda place: change(graph(place, "data_level0.bin"), 4, b"\xff\xff\xff"),
    "foreign number of links": lambda place: change(graph(place, "data_level0.bin"), 0, b"\xff"),
    "cut lengths": lambda place: cut(graph(place, "length.bin")),
    "cut upper links": lambda place: cut(graph(place, "link_lists.bin")),
    "overwritten upper links": lambda place: change(
        graph(place, "link_lists.bin"), 0, b"\xff" * 99
    ),
    "cut ids": lambda place: cut(graph(place, "index_metadata.pickle")),
    "lost ids": lambda place: graph(place, "index_metadata.pickle").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_are_refused(folder: Path, damage: str) -> None:
    DAMAGES[damage](folder)
    store = ChromaStore("notes", path=folder)
    with pytest.raises(IndexCorruptError, match="damaged") as caught:
        store.search([1.0, 0.0, 0.0, 0.0])
    assert str(folder) in str(caught.value)
    store.close()


def test_a_folder_that_was_mended_opens_in_the_same_process(folder: Path, filled: Path) -> None:
    DAMAGES["overwritten database"](folder)
    store = ChromaStore("notes", path=folder)
    with pytest.raises(IndexCorruptError):
        store.count()
    shutil.rmtree(folder)
    shutil.copytree(filled, folder)
    assert store.count() == 1100
    store.close()


def test_a_pickle_is_never_run(folder: Path, tmp_path: Path) -> None:
    made = tmp_path / "owned"

    class Trap:
        def __reduce__(self) -> Any:
            return Path.mkdir, (made,)

    graph(folder, "index_metadata.pickle").write_bytes(pickle.dumps(Trap()))
    store = ChromaStore("notes", path=folder)
    with pytest.raises(IndexCorruptError):
        store.search([1.0, 0.0, 0.0, 0.0])
    assert not made.exists()
    store.close()


def test_what_chroma_wrote_is_sound(filled: Path, tmp_path: Path) -> None:
    check_folder(str(filled))
    check_folder(str(tmp_path / "nothing"))
    check_folder(str(tmp_path))
    (tmp_path / "file").write_text("x")
    with pytest.raises(IndexCorruptError, match="is no folder"):
        check_folder(str(tmp_path / "file"))
