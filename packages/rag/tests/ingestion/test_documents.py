"""Documents from elsewhere are embedded together, once, and replaced by their source."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from racto.core import Document, Section
from racto.core.errors import EmbeddingError
from racto.core.testing import DictStore, HashEmbedder
from racto.rag import IngestionReport, RactoRAG


class Counting(HashEmbedder):
    """Keeps the size of each batch."""

    def __init__(self) -> None:
        super().__init__(32)
        self.batches: list[int] = []
        self.fails_at = 0

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.batches.append(len(texts))
        if len(self.batches) == self.fails_at:
            raise EmbeddingError("the service went away")
        return super().embed(texts)

    async def aembed(self, texts: Sequence[str]) -> list[list[float]]:
        return self.embed(texts)


@pytest.fixture
def embedder() -> Counting:
    return Counting()


@pytest.fixture
def rag(tmp_path: Path, embedder: Counting) -> Iterator[RactoRAG]:
    with RactoRAG(DictStore(), embedder, index=tmp_path / "index", batch_size=8) as made:
        yield made


def notes(count: int) -> Iterator[Document]:
    for number in range(count):
        yield Document(content=f"Note {number} about bees.", source=f"n{number}")


def counts(report: IngestionReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, len(report.skipped)


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_many_documents_take_few_calls(rag: RactoRAG, embedder: Counting, voice: str) -> None:
    report = (
        rag.ingest_documents(notes(20), team="hr")
        if voice == "sync"
        else asyncio.run(rag.aingest_documents(notes(20), team="hr"))
    )
    assert counts(report) == (20, 0, 0, 0)
    assert embedder.batches == [8, 8, 4]
    (hit,) = rag.retrieve("Note 7", 1, {"team": "hr"})
    assert hit.chunk.metadata.source == "n7"


def test_what_is_the_same_is_left_and_what_is_not_is_replaced(
    rag: RactoRAG, embedder: Counting
) -> None:
    rag.ingest_documents(notes(3))
    embedder.batches.clear()
    assert counts(rag.ingest_documents(notes(3))) == (0, 0, 3, 0)
    assert embedder.batches == []
    changed = [
        Document(content="Wasps.", source="n1"),
        Document(content="Note 2 about bees.", source="n2", metadata={"year": 2026}),
    ]
    assert counts(rag.ingest_documents(changed)) == (0, 2, 0, 0)
    assert rag.count() == 3
    assert len(rag.retrieve("bees", filters={"year": 2026})) == 1


def test_a_document_without_text_is_told_and_stops_nothing(rag: RactoRAG) -> None:
    given = [Document(content="  \n", source="blank"), *notes(2)]
    report = rag.ingest_documents(given)
    assert counts(report) == (2, 0, 0, 1)
    assert report.skipped[0].source == "blank"
    assert report.skipped[0].kind == "EmptyDocumentError"


def test_sections_of_the_document_reach_the_citations(rag: RactoRAG) -> None:
    text = "Pump\nThe pump is guaranteed for five years."
    document = Document(content=text, source="guide", sections=(Section(start=0, title="Pump"),))
    rag.ingest_documents([document])
    (citation,) = rag.query("How long is the pump guaranteed?").citations
    assert (citation.source, citation.section) == ("guide", "Pump")


def test_an_embedder_that_fails_leaves_what_was_finished(rag: RactoRAG, embedder: Counting) -> None:
    embedder.fails_at = 2
    with pytest.raises(EmbeddingError):
        rag.ingest_documents(notes(20))
    assert rag.index.count() == 8
    assert counts(rag.ingest_documents(notes(20))) == (12, 0, 8, 0)


def test_a_source_that_fails_leaves_what_it_gave(rag: RactoRAG) -> None:
    def failing() -> Iterator[Document]:
        yield from notes(5)
        raise OSError("the database went away")

    with pytest.raises(OSError, match="went away"):
        rag.ingest_documents(failing())
    assert rag.index.count() == 5


def test_a_source_that_failed_is_not_asked_again(rag: RactoRAG) -> None:
    class Stumbling:
        asked = 0

        def __iter__(self) -> Iterator[Document]:
            return self

        def __next__(self) -> Document:
            self.asked += 1
            if self.asked == 3:
                raise OSError("the database went away")
            if self.asked > 6:
                raise StopIteration
            return Document(content=f"Note {self.asked}.", source=f"n{self.asked}")

    source = Stumbling()
    with pytest.raises(OSError, match="went away"):
        rag.ingest_documents(source)
    assert (source.asked, rag.index.count()) == (3, 2)
