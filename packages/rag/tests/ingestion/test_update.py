"""update() brings an index in step with its files, reads what changed, and loses nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from racto.core import Chunk
from racto.core.documents import Document
from racto.core.errors import ConfigurationError, EmbeddingError, StoreError
from racto.core.flows import run, threaded
from racto.core.testing import DictStore, HashEmbedder
from racto.rag import (
    DocumentIndex,
    FileReaderRegistry,
    IngestionProgress,
    IngestionReport,
    RactoRAG,
    RecursiveChunker,
    TextReader,
)
from racto.rag.ingestion.ingestor import Ingestor
from racto.rag.ingestion.preparation import Preparation

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a4944415478"
    "9c636000000002000148afa4710000000049454e44ae426082"
)
Write = Callable[..., Path]


class CountingEmbedder(HashEmbedder):
    """Counts the texts it embeds, and fails when it is told to."""

    def __init__(self) -> None:
        super().__init__(32)
        self.texts = 0
        self.largest = 0
        self.fails_after: int | None = None

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if self.fails_after is not None and self.texts + len(texts) > self.fails_after:
            raise EmbeddingError("the embedding service went away")
        self.texts += len(texts)
        self.largest = max(self.largest, len(texts))
        return super().embed(texts)

    aembed = threaded(embed)


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[DocumentIndex]:
    with DocumentIndex(tmp_path / "index", create=True) as made:
        yield made


@pytest.fixture
def rag(index: DocumentIndex, embedder: CountingEmbedder) -> RactoRAG:
    return RactoRAG(DictStore(), embedder, index=index, processors=[], batch_size=8)


def counts(report: IngestionReport) -> tuple[int, int, int, int, int]:
    return (
        report.added, report.changed, report.unchanged, report.removed, len(report.skipped)
    )  # fmt: skip


def found(rag: RactoRAG, query: str) -> list[str]:
    return [hit.chunk.content for hit in rag.index.search(query, 20)]


def test_only_what_changed_is_read_again(
    rag: RactoRAG, write: Write, embedder: CountingEmbedder
) -> None:
    folder = write(a_txt="bees", b_txt="wasps", sub__c_md="# Ants\n\nants")
    assert counts(rag.update([folder])) == (3, 0, 0, 0, 0)
    embedded = embedder.texts
    assert counts(rag.update([folder])) == (0, 0, 3, 0, 0)
    assert embedder.texts == embedded

    write(b_txt="hornets", d_txt="flies")
    (folder / "a.txt").unlink()
    assert counts(rag.update([folder])) == (1, 1, 1, 1, 0)
    assert found(rag, "bees wasps hornets flies") == ["hornets", "flies"]
    assert rag.count() == rag.index.count() == 3


def test_a_touched_file_is_not_embedded_again(
    rag: RactoRAG, write: Write, embedder: CountingEmbedder
) -> None:
    folder = write(a_txt="bees")
    rag.update([folder])
    os.utime(folder / "a.txt", (1, 1))
    assert counts(rag.update([folder])) == (0, 0, 1, 0, 0)
    assert embedder.texts == 1
    (record,) = rag.index.sources()
    assert record.mtime_ns == 1_000_000_000


def test_other_settings_cut_everything_anew(
    rag: RactoRAG, write: Write, index: DocumentIndex, embedder: CountingEmbedder
) -> None:
    folder = write(a_txt="bees dance. " * 100)
    rag.update([folder])
    before = rag.index.count()
    small = RactoRAG(
        DictStore(), embedder, index=index, processors=[], chunker=RecursiveChunker(100, 10)
    )
    assert counts(small.update([folder])) == (0, 1, 0, 0, 0)
    assert small.index.count() > before
    assert small.index.manifest.chunk_size == 100


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("empty_txt", b"", "EmptyDocumentError"),
        ("blank_md", b" \n\t\n", "EmptyDocumentError"),
        ("binary_txt", b"\x00\x01\x02\xff\xfe" * 500, "BinaryDocumentError"),
        ("broken_pdf", b"%PDF-1.7 and then nothing of use", "ReadError"),
    ],
)
def test_one_bad_file_stops_nothing(
    rag: RactoRAG, write: Write, name: str, content: bytes, kind: str
) -> None:
    folder = write(a_txt="bees", z_txt="wasps", **{name: content})
    report = rag.update([folder])
    assert counts(report) == (2, 0, 0, 0, 1)
    assert not report.is_complete
    (skipped,) = report.skipped
    assert skipped.source.endswith(name.replace("_", "."))
    assert skipped.reason
    assert not skipped.kept
    assert skipped.kind == kind
    status = {record.label: record.status for record in rag.index.sources()}
    assert sorted(status.values()) == ["ingested", "ingested", "skipped"]
    # The next run tries it again.
    assert counts(rag.update([folder])) == (0, 0, 2, 0, 1)


def test_formats_without_a_reader_are_counted_apart(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees", b_zip=b"PK", c_ZIP=b"PK", Makefile="all:")
    report = rag.update([folder])
    assert report.is_complete
    assert report.ignored == {".zip": 2, "no extension": 1}
    # Who names such a file is told.
    named = rag.update([folder / "b.zip"])
    assert [entry.kind for entry in named.skipped] == ["UnsupportedFormatError"]


def test_a_file_that_goes_bad_keeps_its_last_good_version(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees")
    rag.update([folder])
    write(a_txt=b"\x00\xff\x00\xff" * 100)
    report = rag.update([folder])
    assert [entry.kept for entry in report.skipped] == [True]
    assert found(rag, "bees") == ["bees"]
    write(a_txt="bees again")
    assert counts(rag.update([folder])) == (0, 1, 0, 0, 0)
    assert [record.status for record in rag.index.sources()] == ["ingested"]


def test_a_file_over_the_limit_is_skipped(
    index: DocumentIndex, embedder: CountingEmbedder, write: Write
) -> None:
    readers = FileReaderRegistry([TextReader(max_bytes=1000)])
    rag = RactoRAG(DictStore(), embedder, index=index, reader_registry=readers)
    report = rag.update([write(huge_txt="x " * 5000, small_txt="bees")])
    assert [entry.kind for entry in report.skipped] == ["DocumentTooLargeError"]
    assert report.ingested == 1


def test_a_reader_that_crashes_costs_one_file(
    index: DocumentIndex, embedder: CountingEmbedder, write: Write
) -> None:
    class Crashing(FileReaderRegistry):
        def read(self, path: str | os.PathLike[str]) -> Document:
            if "bad" in os.fspath(path):
                raise RecursionError("too deep")
            return super().read(path)

    rag = RactoRAG(DictStore(), embedder, index=index, reader_registry=Crashing())
    report = rag.update([write(bad_txt="x", good_txt="bees")])
    assert [entry.reason for entry in report.skipped] == ["RecursionError: too deep"]
    assert report.ingested == 1


def test_a_file_that_changes_all_the_while_is_skipped(
    index: DocumentIndex, embedder: CountingEmbedder, write: Write
) -> None:
    class Restless(FileReaderRegistry):
        def read(self, path: str | os.PathLike[str]) -> Document:
            document = super().read(path)
            with Path(path).open("a") as file:
                file.write("more")
            return document

    rag = RactoRAG(DictStore(), embedder, index=index, reader_registry=Restless())
    report = rag.update([write(a_txt="bees")])
    assert [entry.kind for entry in report.skipped] == ["DocumentChangedError"]


def test_an_embedder_that_fails_half_way_is_gone_on_from(
    rag: RactoRAG, write: Write, embedder: CountingEmbedder
) -> None:
    folder = write(**{f"f{number:02}_txt": f"bees number {number}" for number in range(40)})
    embedder.fails_after = 20
    with pytest.raises(EmbeddingError, match="went away"):
        rag.update([folder])
    kept = rag.index.count()
    assert kept == 16
    assert {chunk.content for page in rag.index.pages() for chunk in page} == {
        f"bees number {number}" for number in range(16)
    }
    embedder.fails_after = None
    assert counts(rag.update([folder])) == (24, 0, 16, 0, 0)
    assert embedder.texts == 40


def test_texts_of_small_files_are_embedded_together(
    rag: RactoRAG, write: Write, embedder: CountingEmbedder
) -> None:
    rag.update([write(**{f"f{number}_txt": f"bees {number}" for number in range(20)})])
    assert embedder.largest == 8
    write(long_txt="\n\n".join(f"paragraph {number} " * 30 for number in range(40)))
    rag.update([write()])
    assert embedder.largest == 8


def test_progress_is_told_after_each_file(rag: RactoRAG, write: Write) -> None:
    told: list[IngestionProgress] = []
    rag.update([write(a_txt="bees", b_txt="wasps")], progress=told.append)
    assert [(step.files, step.total_files, step.current[-5:]) for step in told] == [
        (1, 2, "a.txt"), (2, 2, "b.txt"), (2, 2, ""),
    ]  # fmt: skip
    assert told[-1].chunks == 2
    assert told[-1].bytes == told[-1].total_bytes == 9


def test_what_is_excluded_now_leaves_the_index(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees", old__b_txt="wasps", c_log="ants")
    rag.update([folder])
    assert counts(rag.update([folder], exclude=["old", "*.log"])) == (0, 0, 1, 2, 0)
    assert found(rag, "bees wasps ants") == ["bees"]


def test_paths_that_were_not_named_stay(rag: RactoRAG, write: Write) -> None:
    folder = write(a__a_txt="bees", b__b_txt="wasps")
    rag.update([folder])
    (folder / "b" / "b.txt").unlink()
    assert counts(rag.update([folder / "a"])) == (0, 0, 1, 0, 0)
    assert found(rag, "wasps") == ["wasps"]
    # A folder or file that is gone itself can still be named.
    (folder / "b").rmdir()
    assert counts(rag.update([folder / "b"])) == (0, 0, 0, 1, 0)
    with pytest.raises(ConfigurationError, match="there is no file"):
        rag.update([folder / "never"])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_what_lies_in_an_unreadable_folder_stays(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees", locked__b_txt="wasps")
    rag.update([folder])
    (folder / "locked").chmod(0)
    try:
        report = rag.update([folder])
    finally:
        (folder / "locked").chmod(0o755)
    assert counts(report) == (0, 0, 1, 0, 1)
    assert found(rag, "wasps") == ["wasps"]


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="Linux file names")
def test_names_that_are_not_utf8(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees")
    name = os.fsdecode(b"caf\xe9.txt")
    (folder / name).write_text("wasps")
    assert counts(rag.update([folder])) == (2, 0, 0, 0, 0)
    assert counts(rag.update([folder])) == (0, 0, 2, 0, 0)
    (hit,) = rag.index.search("wasps")
    assert hit.chunk.metadata.source.endswith("caf\\xe9.txt")


def test_a_new_process_finds_everything(
    rag: RactoRAG, write: Write, index: DocumentIndex, embedder: CountingEmbedder
) -> None:
    rag.update([write(a_txt="bees dance", b_txt="wasps sting")])
    store = DictStore()
    again = RactoRAG(store, embedder, index=index)
    assert again.count() == 2
    assert store.count() == 0
    assert again.retrieve("dance")[0].chunk.content == "bees dance"
    assert store.count() == 2


async def test_the_async_twin_does_the_same(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees", b_txt=b"\x00\xff" * 99)
    assert counts(await rag.aupdate([folder])) == (1, 0, 0, 0, 1)
    assert counts(rag.update([folder])) == (0, 0, 1, 0, 1)


def test_a_folder_of_200_files(rag: RactoRAG, write: Write) -> None:
    folder = write(
        **{
            f"d{number % 7}__f{number:03}_{'md' if number % 2 else 'txt'}":
                f"# Note {number}\n\nThe code word of note {number} is kappa{number}.\n"
            for number in range(200)
        }
    )  # fmt: skip
    assert counts(rag.update([folder])) == (200, 0, 0, 0, 0)
    hits: list[Chunk] = [hit.chunk for hit in rag.retrieve("kappa137", 3)]
    assert "kappa137" in hits[0].content
    assert counts(rag.update([folder])) == (0, 0, 200, 0, 0)


@pytest.mark.parametrize("as_text", [True, False])
def test_one_path_and_one_pattern_need_no_list(rag: RactoRAG, write: Write, as_text: bool) -> None:
    folder = write(a_md="# Bees\n\nBees dance.", b_txt="Wasps sting.")
    place = str(folder) if as_text else folder
    assert rag.update(place, exclude="*.txt").added == 1
    assert rag.update(place, include="**/*.txt").added == 1


def test_a_store_that_was_filled_meanwhile_gets_the_new_version(
    index: DocumentIndex, embedder: CountingEmbedder, tmp_path: Path
) -> None:
    store = DictStore()
    # Nobody has asked for the store when the vectors are there; then another thread has.
    answers: list[DictStore | None] = [None, store]
    ingestor = Ingestor(
        index,
        embedder,
        reader=FileReaderRegistry(),
        preparation=Preparation(RecursiveChunker()),
        store=lambda: answers.pop(0),
    )
    run(ingestor.text("Bees dance.", "note", {}))
    assert store.count() == index.count() == 1


def test_metadata_that_cannot_be_kept_stops_before_anything_is_stored(
    embedder: CountingEmbedder, write: Write
) -> None:
    class Fancy(TextReader):
        def read(self, source: object) -> Document:
            return Document(content="x", source="a", metadata={"parser": object()})

    store, folder = DictStore(), write(a_txt="Bees dance.")
    with RactoRAG(store, embedder) as rag:
        for ingest in (rag.ingest, rag.ingest_text, rag.ingest_dir):
            with pytest.raises(ConfigurationError, match="type object"):
                ingest(str(folder / "a.txt" if ingest == rag.ingest else folder), tag=object())
    with RactoRAG(store, embedder, reader_registry=FileReaderRegistry([Fancy()])) as rag:
        (skipped,) = rag.ingest_dir(folder).report.skipped
        assert "metadata cannot be kept" in skipped.reason
    assert (store.count(), embedder.texts) == (0, 0)


def test_a_disk_that_fills_up_in_the_middle_costs_the_rest_of_the_run_only(
    rag: RactoRAG, index: DocumentIndex, write: Write
) -> None:
    folder = write(a_txt="bees", b_txt="kappa " * 200_000, c_txt="wasps")
    with index._database.reading() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 40}")
    with pytest.raises(StoreError, match="disk is full"):
        rag.update(folder)
    assert found(rag, "bees kappa wasps") == ["bees"]
    with index._database.reading() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert counts(rag.update(folder)) == (2, 0, 1, 0, 0)
    assert rag.count() == index.count()


def test_a_picture_without_words_is_ignored_and_not_opened_again(
    index: DocumentIndex, embedder: CountingEmbedder, write: Write
) -> None:
    pytest.importorskip("PIL")
    opened: list[str] = []

    class Watching(FileReaderRegistry):
        def read(self, path: str | os.PathLike[str]) -> Document:
            opened.append(os.fspath(path))
            return super().read(path)

    rag = RactoRAG(DictStore(), embedder, index=index, reader_registry=Watching())
    folder = write(a_txt="bees", photo_png=PIXEL)
    for _ in range(2):
        report = rag.update(folder)
        assert report.is_complete
        assert report.ignored == {".png": 1}
    assert len(opened) == 2
    # Who names it is told, and one that is named in a folder is not lost.
    (skipped,) = rag.update(folder / "photo.png").skipped
    assert skipped.kind == "EmptyDocumentError"


def test_a_file_that_is_named_beside_its_folder_is_named(rag: RactoRAG, write: Write) -> None:
    folder = write(a_txt="bees", b_bin="?")
    report = rag.update([folder, folder / "b.bin"])
    assert [entry.kind for entry in report.skipped] == ["UnsupportedFormatError"]
