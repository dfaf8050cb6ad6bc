"""A shelf fills its store from the index once, and closes only what it made."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from racto.core import Chunk
from racto.core.testing import DictStore, HashEmbedder
from racto.rag import RactoRAG
from racto.rag.index import DocumentIndex, SourceRecord
from racto.rag.shelf import Shelf


@pytest.fixture
def index(tmp_path: Path) -> Iterator[DocumentIndex]:
    with DocumentIndex(tmp_path / "index", create=True) as made:
        chunks = [Chunk(content=f"text {n}", embedding=[float(n), 1.0]) for n in range(5)]
        made.replace(SourceRecord(key=b"a", label="a"), chunks)
        yield made


def test_nothing_is_loaded_before_it_is_wanted(index: DocumentIndex) -> None:
    store = DictStore()
    shelf = Shelf(index, store)
    assert shelf.current() is store  # what is removed meanwhile must leave it too
    assert store.count() == 0
    assert shelf.open() is store
    assert store.count() == 5


def test_many_first_questions_fill_it_once(index: DocumentIndex) -> None:
    class Counting(DictStore):
        calls = 0

        def add(self, chunks: object) -> None:
            self.calls += 1
            super().add(chunks)  # type: ignore[arg-type]

    store = Counting()
    shelf = Shelf(index, store)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: shelf.open(), range(8)))
    assert store.calls == 1


def test_a_store_that_was_given_stays_open(index: DocumentIndex) -> None:
    store = DictStore()
    shelf = Shelf(index, store)
    shelf.open()
    shelf.close()
    assert store.count() == 5


def test_a_store_that_others_fill_too_is_not_made_anew(
    index: DocumentIndex, tmp_path: Path
) -> None:
    store = DictStore()
    shelf = Shelf(index, store)
    shelf.open()
    store.add([Chunk(content="of others", embedding=[1.0, 1.0])])
    with DocumentIndex(tmp_path / "index") as other:
        other.remove([b"a"])
    assert shelf.open() is store
    assert store.count() == 6


def test_a_store_that_was_given_loses_what_leaves_the_index(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text("The secret recipe uses salt.")
    (folder / "b.txt").write_text("Bread is baked.")
    store = DictStore()
    with RactoRAG(store, HashEmbedder(32), index=tmp_path / "index") as first:
        first.update(folder)
        assert first.retrieve("recipe")
    (folder / "a.txt").unlink()
    # Nobody has asked this process anything yet.
    with RactoRAG(store, HashEmbedder(32), index=tmp_path / "index") as second:
        assert second.update(folder).removed == 1
        assert store.count() == second.count() == 1
        assert not second.query("What does the secret recipe use?").is_grounded
        second.clear()
        assert store.count() == 0
