"""An index holds whole sources, in their old version or their new one, whatever happens."""

from __future__ import annotations

import os
import threading
from array import array
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from racto.core import Chunk, ChunkMetadata
from racto.core.errors import (
    ConfigurationError,
    DimensionMismatchError,
    EmbeddingError,
    StoreClosedError,
    StoreError,
)
from racto.core.testing import DictStore, HashEmbedder
from racto.rag import RactoRAG
from racto.rag.index import DocumentIndex, SourceRecord


def chunks_of(name: str, *texts: str, version: int = 1) -> list[Chunk]:
    return [
        Chunk(
            content=text,
            chunk_id=f"{name}-{version}-{place}",
            doc_id=f"{name}-{version}",
            embedding=[place, version, 0.5],
            metadata=ChunkMetadata(source=name, chunk_index=place, total_chunks=len(texts)),
        )
        for place, text in enumerate(texts)
    ]


def record(name: str, chunks: int = 1) -> SourceRecord:
    return SourceRecord(key=name.encode(), label=name, chunks=chunks)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[DocumentIndex]:
    with DocumentIndex(tmp_path / "index", create=True) as made:
        yield made


def test_chunks_come_back_whole(index: DocumentIndex) -> None:
    extra = {"lang": "en", "when": date(2024, 2, 3), "at": datetime(2024, 1, 1, tzinfo=UTC),
             "tags": ["a", None, 1.5, True]}  # fmt: skip
    metadata = ChunkMetadata(
        source="a\nb.txt", page=3, chunk_index=1, total_chunks=9, start_char=10, end_char=22,
        doc_id="d", extra=extra, section="A > B",
    )  # fmt: skip
    vector = array("f", [0.1, -1e30, 1e-30])
    chunk = Chunk(
        content="Zoë\x00 \U0001f41d", chunk_id="c", doc_id="d", embedding=vector, metadata=metadata
    )
    index.replace(record("a"), [chunk])
    ((back,),) = index.pages()
    assert back == chunk
    assert back.embedding is not None
    assert list(back.embedding) == list(vector)


def test_plain_lists_are_vectors_too(index: DocumentIndex) -> None:
    index.replace(record("a"), [Chunk(content="x", chunk_id="c", embedding=[1.0, 2.5])])
    ((back,),) = index.pages()
    assert list(back.embedding or ()) == [1.0, 2.5]


def test_replacing_a_source_drops_its_old_version(index: DocumentIndex) -> None:
    index.replace(record("a"), chunks_of("a", "old bees", "old wasps"))
    index.replace(record("b"), chunks_of("b", "bees of b"))
    stale = index.replace(record("a"), chunks_of("a", "new bees", version=2))
    assert stale == ["a-1-0", "a-1-1"]
    assert index.count() == 2
    assert {hit.chunk.content for hit in index.search("bees")} == {"new bees", "bees of b"}
    assert index.search("wasps") == []


def test_a_failed_replacement_changes_nothing(index: DocumentIndex) -> None:
    index.replace(record("a"), chunks_of("a", "old bees"))
    twins = [*chunks_of("a", "one", version=2), *chunks_of("a", "two", version=2)]
    with pytest.raises(StoreError):
        index.replace(record("a", 2), twins)
    with pytest.raises(EmbeddingError):
        index.replace(record("a"), [Chunk(content="no vector")])
    assert [hit.chunk.content for hit in index.search("bees")] == ["old bees"]
    assert index.sources() == [record("a")]


def test_removing_and_clearing(index: DocumentIndex) -> None:
    index.replace(record("a"), chunks_of("a", "bees"))
    index.replace(record("b"), chunks_of("b", "bees"))
    assert index.remove([b"a", b"unknown"]) == ["a-1-0"]
    assert [hit.chunk.metadata.source for hit in index.search("bees")] == ["b"]
    index.clear()
    assert index.count() == 0
    assert index.sources() == []
    assert index.search("bees") == []


def test_what_is_known_of_a_source_is_kept(index: DocumentIndex, tmp_path: Path) -> None:
    full = SourceRecord(
        key=b"/caf\xe9.txt", label="/caf\\xe9.txt", size=5, mtime_ns=2**62, digest="ab",
        settings="s", status="skipped", reason="encrypted", chunks=0, ingested_at=1.5,
    )  # fmt: skip
    index.note(full)
    index.close()
    with DocumentIndex(tmp_path / "index") as again:
        assert again.source(b"/caf\xe9.txt") == full
        assert again.source(b"other") is None
        again.note(replace(full, status="ingested"))
        assert [entry.status for entry in again.sources()] == ["ingested"]


def test_vectors_of_two_models_never_meet(index: DocumentIndex) -> None:
    first = HashEmbedder(8)
    index.bind_embedder(first, 8)
    index.check_embedder(first)
    with pytest.raises(DimensionMismatchError, match="--index") as caught:
        index.check_embedder(HashEmbedder(16))
    assert (caught.value.expected, caught.value.actual) == (8, 16)
    with pytest.raises(DimensionMismatchError):
        index.bind_embedder(first, 9)

    class Other(HashEmbedder):
        @property
        def fingerprint(self) -> str:
            return "another space of the same size"

    with pytest.raises(ConfigurationError, match="HashEmbedder, not Other"):
        index.check_embedder(Other(8))


def test_frequencies_count_all_forms_of_a_word(index: DocumentIndex) -> None:
    index.replace(record("a"), chunks_of("a", "a dog ran", "dogs run", "cats"))
    assert index.chunks.frequencies(["dog", "running", "zebra", "_"]) == {
        "dog": 2, "running": 1, "zebra": 0, "_": 0,
    }  # fmt: skip


def test_readers_see_the_last_finished_version_while_another_writes(
    index: DocumentIndex, tmp_path: Path
) -> None:
    index.replace(record("a"), chunks_of("a", "old bees"))
    with DocumentIndex(tmp_path / "index") as reader:
        with index._database.writing() as connection:
            connection.execute("DELETE FROM chunks")
            assert reader.count() == 1
        assert reader.count() == 0


def test_threads_share_an_index(index: DocumentIndex) -> None:
    errors: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for version in range(5):
                index.replace(record(name), chunks_of(name, "bees", version=version))
                assert index.search("bees", 20)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(f"s{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert index.count() == 4


def test_a_reader_sees_one_state_until_it_has_finished(
    index: DocumentIndex, tmp_path: Path
) -> None:
    index.replace(record("a"), chunks_of("a", "old bees"))
    with DocumentIndex(tmp_path / "index") as reader:
        with reader._database.reading() as connection:
            sql = "SELECT content FROM chunks"
            assert connection.execute(sql).fetchall() == [("old bees",)]
            index.remove([b"a"])
            assert connection.execute(sql).fetchall() == [("old bees",)]
        assert reader.count() == 0


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_an_index_that_may_only_be_read_answers_questions(
    index: DocumentIndex, tmp_path: Path
) -> None:
    index.replace(record("a"), chunks_of("a", "bees"))
    index.close()
    folder = tmp_path / "index"
    folder.chmod(0o555)
    try:
        with DocumentIndex(folder) as reader:
            assert [hit.chunk.content for hit in reader.search("bees")] == ["bees"]
            with pytest.raises(StoreError, match="writ"), reader.writer():
                reader.note(record("b"))
    finally:
        folder.chmod(0o755)


def test_use_after_close_is_explained(index: DocumentIndex) -> None:
    index.close()
    index.close()
    with pytest.raises(StoreClosedError, match="after close"):
        index.count()


def test_metadata_that_cannot_be_kept_is_refused_by_name(index: DocumentIndex) -> None:
    metadata = ChunkMetadata(extra={"path": object()})
    with pytest.raises(ConfigurationError, match="object"):
        index.replace(record("a"), [Chunk(content="x", embedding=[1.0], metadata=metadata)])


def test_a_full_disk_loses_nothing_that_was_finished(index: DocumentIndex) -> None:
    index.replace(record("a"), chunks_of("a", "bees"))
    with index._database.reading() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreError, match="disk is full"):
        index.replace(record("b"), chunks_of("b", *(f"kappa{n} " * 500 for n in range(50))))
    assert [entry.label for entry in index.sources()] == ["a"]
    assert [hit.chunk.content for hit in index.search("bees kappa3")] == ["bees"]
    with index._database.reading() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    index.replace(record("b"), chunks_of("b", "kappa"))
    assert index.count() == 2


def test_facts_that_look_like_our_dates_stay_facts(index: DocumentIndex) -> None:
    facts = {"created": {"$date": 1_700_000_000_000}, "seen": {"$datetime": "yesterday"}}
    with RactoRAG(DictStore(), HashEmbedder(8), index=index) as rag:
        rag.ingest_text("bees", source="a", **facts)
        (hit,) = rag.index.search("bees")
    assert {key: hit.chunk.metadata.extra[key] for key in facts} == facts
