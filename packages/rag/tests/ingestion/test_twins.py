"""Files of the same bytes are embedded once, and none of them is lost when another one leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from racto.core.errors import EmbeddingError
from racto.core.flows import threaded
from racto.core.testing import DictStore, HashEmbedder
from racto.rag import DocumentIndex, IngestionReport, RactoRAG

Write = Callable[..., Path]


@pytest.fixture
def rag(tmp_path: Path) -> Iterator[RactoRAG]:
    with RactoRAG(DictStore(), HashEmbedder(32), index=tmp_path / "index", processors=[]) as made:
        yield made


def counts(report: IngestionReport) -> tuple[int, int, int, int, int]:
    return (
        report.added, report.changed, report.unchanged, report.removed, report.duplicates
    )  # fmt: skip


def sources(rag: RactoRAG, query: str = "bees") -> list[str]:
    found = rag.index.search(query, 20)
    # What the store holds is what the index holds.
    assert rag.count() == rag.index.count()
    return sorted(Path(hit.chunk.metadata.source).name for hit in found)


def test_one_of_several_copies_stands_for_all(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees", b_txt="bees", sub__c_txt="bees", d_txt="wasps")
    assert counts(rag.update(folder)) == (2, 0, 0, 0, 2)
    assert sources(rag) == ["a.txt"]
    status = {Path(each.label).name: (each.status, each.reason) for each in rag.index.sources()}
    assert status["b.txt"] == ("duplicate", str(folder / "a.txt"))
    assert counts(rag.update(folder)) == (0, 0, 4, 0, 0)


def test_another_copy_takes_the_place_of_one_that_left(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees", b_txt="bees", c_txt="bees")
    rag.update(folder)
    (folder / "a.txt").unlink()
    assert counts(rag.update(folder)) == (1, 0, 1, 1, 0)
    assert sources(rag) == ["b.txt"]
    assert [each.reason for each in rag.index.sources()] == ["", str(folder / "b.txt")]
    assert counts(rag.update(folder)) == (0, 0, 2, 0, 0)


@pytest.mark.parametrize("changed", ["a_txt", "b_txt"])
def test_copies_that_differ_by_now_stand_for_themselves(
    rag: RactoRAG, write: Write, changed: str
) -> None:
    folder = write(a_txt="bees", b_txt="bees")
    rag.update(folder)
    write(**{changed: "bees and wasps"})
    rag.update(folder)
    assert sources(rag) == ["a.txt", "b.txt"]
    assert sources(rag, "wasps") == [changed.replace("_", ".")]


def test_a_copy_elsewhere_takes_the_place_under_its_own_name(rag: RactoRAG, write: Write) -> None:
    folder = write(one__a_txt="bees", two__b_txt="bees")
    rag.update([folder / "one", folder / "two"])
    (folder / "one" / "a.txt").unlink()
    # The folder of the copy was not named this time.
    assert counts(rag.update(folder / "one")) == (1, 0, 0, 1, 0)
    (record,) = rag.index.sources()
    assert record.label == str(folder / "two" / "b.txt")
    assert sources(rag) == ["b.txt"]


def test_a_renamed_file_is_no_copy_of_itself(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees")
    rag.update(folder)
    (folder / "a.txt").rename(folder / "b.txt")
    assert counts(rag.update(folder)) == (1, 0, 0, 1, 0)
    assert sources(rag) == ["b.txt"]


def test_a_file_that_becomes_a_copy_gives_up_its_passages(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees", b_txt="wasps")
    rag.update(folder)
    write(b_txt="bees")
    assert counts(rag.update(folder)) == (0, 0, 1, 0, 1)
    assert sources(rag) == ["a.txt"]
    assert sources(rag, "wasps") == []


def test_copies_under_another_extension_are_read_in_another_way(
    rag: RactoRAG, write: Write
) -> None:
    assert counts(rag.update(write(a_txt="# bees", a_md="# bees"))) == (2, 0, 0, 0, 0)


def test_all_are_kept_on_request(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees", b_txt="bees")
    rag.update(folder)
    assert counts(rag.update(folder, keep_duplicates=True)) == (1, 0, 1, 0, 0)
    assert sources(rag) == ["a.txt", "b.txt"]


def test_a_copy_whose_holder_cannot_be_read_any_more(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees", b_txt="bees")
    rag.update(folder)
    write(a_txt=b"\x00\xff" * 200)
    report = rag.update(folder)
    assert [entry.kept for entry in report.skipped] == [True]
    # The old version of the one is kept, and the other one stands for itself.
    assert sources(rag) == ["a.txt", "b.txt"]


async def test_the_async_twin_does_the_same(tmp_path: Path, write: Write) -> None:
    with RactoRAG(DictStore(), HashEmbedder(32), index=DocumentIndex()) as rag:
        folder = write(a_txt="bees", b_txt="bees")
        assert counts(await rag.aupdate(folder)) == (1, 0, 0, 0, 1)
        (folder / "a.txt").unlink()
        assert counts(await rag.aupdate(folder)) == (1, 0, 0, 1, 0)
        assert sources(rag) == ["b.txt"]


def test_files_that_swap_their_contents_are_never_gone(tmp_path: Path, write: Write) -> None:
    class Failing(HashEmbedder):
        fails = False

        def embed(self, texts: Sequence[str]) -> list[list[float]]:
            if self.fails:
                raise EmbeddingError("the service went away")
            return super().embed(texts)

        aembed = threaded(embed)

    embedder = Failing(32)
    folder = write(a_txt="bees", b_txt="wasps")
    with RactoRAG(DictStore(), embedder, index=tmp_path / "index") as rag:
        rag.update(folder)
        write(a_txt="wasps", b_txt="bees")
        embedder.fails = True
        with pytest.raises(EmbeddingError):
            rag.update(folder)
        assert rag.index.count() == 2
        embedder.fails = False
        assert counts(rag.update(folder)) == (0, 2, 0, 0, 0)
        assert sources(rag, "wasps") == ["a.txt"]


def test_copies_with_other_facts_are_not_copies(rag: RactoRAG, write: Write) -> None:
    folder = write(hr__x_txt="holidays", sales__x_txt="holidays")
    rag.update(folder / "hr", metadata={"team": "hr"})
    assert counts(rag.update(folder / "sales", metadata={"team": "sales"})) == (1, 0, 0, 0, 0)
    (found,) = rag.retrieve("holidays", filters={"team": "sales"})
    assert found.chunk.metadata.source.endswith("sales/x.txt")


def test_a_copy_is_not_adopted_under_facts_of_another_run(rag: RactoRAG, write: Write) -> None:
    folder = write(one__x_txt="holidays", two__x_txt="holidays")
    rag.update([folder / "one", folder / "two"], metadata={"team": "hr"})
    report = rag.update(folder / "one", metadata={"team": "sales"})
    assert report.changed == 1
    (left,) = report.skipped
    assert left.source.endswith("two/x.txt")
    assert "other settings" in left.reason
    assert counts(rag.update(folder / "two", metadata={"team": "hr"})) == (1, 0, 0, 0, 0)


def test_a_text_stands_for_no_file(rag: RactoRAG, write: Write) -> None:
    rag.ingest_text("bees", source="note.txt")
    assert counts(rag.update(write(a_txt="bees"))) == (1, 0, 0, 0, 0)


def test_a_copy_elsewhere_is_adopted_also_by_a_run_that_keeps_copies(
    rag: RactoRAG, write: Write
) -> None:
    folder = write(one__a_txt="bees", two__b_txt="bees")
    rag.update([folder / "one", folder / "two"])
    (folder / "one" / "a.txt").unlink()
    assert counts(rag.update(folder / "one", keep_duplicates=True)) == (1, 0, 0, 1, 0)
    assert sources(rag) == ["b.txt"]
