"""A dry run says what would be done and does none of it; facts of the caller reach the chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from racto.core.errors import ConfigurationError
from racto.core.testing import DictStore, HashEmbedder
from racto.rag import RactoRAG

Write = Callable[..., Path]


@pytest.fixture
def rag(tmp_path: Path) -> Iterator[RactoRAG]:
    with RactoRAG(DictStore(), HashEmbedder(32), index=tmp_path / "index") as made:
        yield made


def test_nothing_is_stored_and_everything_is_told(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees", b_txt="bees", c_txt="wasps", bad_txt=b"\x00\xff" * 99)
    told = rag.update(folder, dry_run=True)
    assert told.is_dry_run
    assert (told.added, told.duplicates, told.chunks, len(told.skipped)) == (2, 1, 2, 1)
    assert (rag.count(), rag.index.sources()) == (0, [])
    done = rag.update(folder)
    assert not done.is_dry_run
    assert (done.added, done.duplicates, done.chunks) == (told.added, 1, told.chunks)

    before = rag.index.sources()
    write(a_txt="bees dance")
    (folder / "c.txt").unlink()
    told = rag.update(folder, dry_run=True)
    # The copy has to stand for itself now.
    assert (told.changed, told.added, told.removed, len(told.skipped)) == (1, 1, 1, 1)
    assert rag.index.sources() == before


def test_a_dry_run_needs_no_right_to_write(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees")
    with rag.index.writer():
        assert rag.update(folder, dry_run=True).added == 1


def test_facts_of_the_caller_are_kept_and_cut_anew_when_they_change(
    rag: RactoRAG, write: Write
) -> None:
    folder = write(a_txt="bees")
    rag.update(folder, metadata={"team": "north"})
    assert rag.update(folder, metadata={"team": "north"}).unchanged == 1
    assert len(rag.retrieve("bees", filters={"team": "north"})) == 1
    assert rag.update(folder, metadata={"team": "south"}).changed == 1
    assert rag.retrieve("bees", filters={"team": "north"}) == []
    with pytest.raises(ConfigurationError, match="metadata cannot be kept"):
        rag.update(folder, metadata={"team": object()})


@pytest.mark.parametrize("name", ["page", "section", "doc_id", "rewritten"])
def test_facts_cannot_take_the_names_of_racto(rag: RactoRAG, name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        rag.ingest_text("bees", **{name: 7})
