"""Folders of others: what a local Qdrant did not write is refused, and never runs."""

from __future__ import annotations

import json
import pickle
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from racto.core.errors import IndexCorruptError
from racto.core.testing.contracts.samples import fan
from racto.stores.qdrant import QdrantStore


class Trap:
    """Unpickled, it makes a folder."""

    def __init__(self, made: Path) -> None:
        self.made = made

    def __reduce__(self) -> Any:
        return Path.mkdir, (self.made,)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three chunks."""
    place = tmp_path / "folder"
    store = QdrantStore("notes", path=str(place))
    store.add(fan(3, 4))
    store.close()
    return place


def rewrite(place: Path, statement: str, *values: Any) -> None:
    connection = sqlite3.connect(place / "collection/notes/storage.sqlite")
    with connection:
        connection.execute(statement, values)
    connection.close()


def refused(place: Path) -> str:
    store = QdrantStore("notes", path=str(place))
    with pytest.raises(IndexCorruptError, match="damaged or not Qdrant's") as caught:
        store.search([1.0, 0.0, 0.0, 0.0])
    store.close()
    return str(caught.value)


def test_what_was_written_is_opened(folder: Path) -> None:
    store = QdrantStore("notes", path=str(folder))
    assert store.count() == 3
    store.close()


def test_code_in_a_row_is_never_run(folder: Path, tmp_path: Path) -> None:
    made = tmp_path / "owned"
    rewrite(folder, "UPDATE points SET point = ?", pickle.dumps(Trap(made)))
    assert "would load" in refused(folder)
    assert not made.exists()


def test_code_in_a_payload_or_a_vector_is_never_run(folder: Path, tmp_path: Path) -> None:
    from qdrant_client.models import PointStruct

    made = tmp_path / "owned"
    trap: Any = Trap(made)
    for point in (
        PointStruct.model_construct(id="1", vector=[1.0], payload={"a": trap}),
        PointStruct.model_construct(id="1", vector=trap, payload={}),
    ):
        rewrite(folder, "UPDATE points SET point = ?", pickle.dumps(point))
        assert "would load" in refused(folder)
    assert not made.exists()


def test_a_view_cannot_pass_for_the_table(folder: Path) -> None:
    rewrite(folder, "ALTER TABLE points RENAME TO real")
    rewrite(folder, "CREATE VIEW points AS SELECT id, point FROM real WHERE random() > 0")
    assert "tables of another kind" in refused(folder)


def cut(place: Path) -> None:
    file = place / "collection/notes/storage.sqlite"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def garbage(place: Path) -> None:
    (place / "collection/notes/storage.sqlite").write_bytes(b"\x93garbage" * 1000)


def cut_meta(place: Path) -> None:
    (place / "meta.json").write_text((place / "meta.json").read_text()[:50])


def other_meta(place: Path) -> None:
    (place / "meta.json").write_text("[1]")


def deep_meta(place: Path) -> None:
    (place / "meta.json").write_text("[" * 100_000)


@pytest.mark.parametrize("damage", [cut, garbage, cut_meta, other_meta, deep_meta])
def test_damaged_files_are_named(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder)
    assert str(folder) in refused(folder)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(IndexCorruptError, match="is no folder"):
        QdrantStore(path=str(tmp_path / "file")).count()


def test_a_name_that_leads_elsewhere_is_looked_at_too(folder: Path, tmp_path: Path) -> None:
    made = tmp_path / "owned"
    meta = json.loads((folder / "meta.json").read_text())
    (tmp_path / "elsewhere").mkdir()
    (folder / "collection/notes/storage.sqlite").rename(tmp_path / "elsewhere/storage.sqlite")
    connection = sqlite3.connect(tmp_path / "elsewhere/storage.sqlite")
    with connection:
        connection.execute("UPDATE points SET point = ?", (pickle.dumps(Trap(made)),))
    connection.close()
    meta["collections"]["../../elsewhere"] = meta["collections"].pop("notes")
    (folder / "meta.json").write_text(json.dumps(meta))
    assert "would load" in refused(folder)
    assert not made.exists()
