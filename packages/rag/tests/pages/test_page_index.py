"""PageIndex keeps the contract of retrievers, and says which words and which heading it found."""

from __future__ import annotations

import threading

import pytest

from racto.core import Chunk, Document
from racto.core.documents import Section
from racto.core.protocols import BatchRetriever
from racto.core.testing import RetrieverContract
from racto.rag.pages import PageChunker, PageIndex, PageResult
from racto.rag.pages.page_index import Source


def source(key: str, text: str, *, sections: tuple[Section, ...] = ()) -> Source:
    document = Document(content=text, source=key, doc_id=f"doc-{key}", sections=sections)
    pages = tuple(PageChunker(40, 0).chunk(document))
    return Source(key=key, digest=text, outline=document, pages=pages)


class TestPageIndexKeepsTheContract(RetrieverContract):
    @pytest.fixture
    def retriever(self, corpus: list[Chunk]) -> PageIndex:
        index = PageIndex()
        for chunk in corpus:
            outline = Document(content="", source=chunk.metadata.source, doc_id=chunk.doc_id)
            index.replace(Source(key=chunk.doc_id, digest="", outline=outline, pages=(chunk,)))
        return index


@pytest.fixture
def index() -> PageIndex:
    return PageIndex()


def test_it_is_a_batch_retriever(index: PageIndex) -> None:
    assert isinstance(index, BatchRetriever)


def test_results_name_the_words_and_the_heading(index: PageIndex) -> None:
    text = "Intro to bees.".ljust(40) + "Honey bees danced on flowers.".ljust(40) + "# Late bees"
    sections = (Section(start=40, title="Dances", level=2), Section(start=80, title="Late"))
    index.replace(source("bees", text, sections=sections))
    found = index.retrieve("How do honey bees dance?")
    assert all(isinstance(hit, PageResult) for hit in found)
    facts = {
        hit.chunk.start: (hit.matched_terms, hit.section_title)
        for hit in found
        if isinstance(hit, PageResult)
    }
    assert facts == {
        0: (("bees",), None),
        40: (("honey", "bees", "dance"), "Dances"),
        80: (("bees",), "Late"),
    }
    assert found[0].at_rank(3).rank == 3


def test_a_heading_within_a_page_is_its_title(index: PageIndex) -> None:
    index.replace(source("a", "bees above\n# Bees", sections=(Section(start=11, title="Bees"),)))
    (hit,) = index.retrieve("bees")
    assert isinstance(hit, PageResult)
    assert hit.section_title == "Bees"


def test_a_document_is_replaced_and_removed_whole(index: PageIndex) -> None:
    index.replace(source("a", "wasps " * 20))
    index.replace(source("a", "bees"))
    assert (index.count(), index.retrieve("wasps")) == (1, [])
    assert index.frequencies(["bees", "wasps", "!"]) == {"bees": 1, "wasps": 0, "!": 0}
    assert index.outline("doc-a") is not None
    assert index.remove("a") is not None
    assert index.remove("a") is None
    assert (index.count(), index.outline("doc-a"), index.sources()) == (0, None, [])


def test_everything_can_be_replaced_or_forgotten(index: PageIndex) -> None:
    index.replace(source("a", "wasps"))
    index.replace_all([source("b", "bees"), source("c", "bees too")])
    assert [hit.chunk.doc_id for hit in index.retrieve("bees wasps")] == ["doc-b", "doc-c"]
    index.clear()
    assert index.count() == 0


def test_ties_go_to_the_page_that_came_first(index: PageIndex) -> None:
    for key in "zyx":
        index.replace(source(key, "the same words"))
    assert [hit.chunk.doc_id for hit in index.retrieve("same words")] == ["doc-z", "doc-y", "doc-x"]


def test_readers_and_writers_do_not_disturb_each_other(index: PageIndex) -> None:
    index.replace(source("stays", "bees stay here"))
    problems: list[object] = []

    def write(key: str) -> None:
        for n in range(60):
            index.replace(source(key, f"bees number {n} " * 4))
            index.remove(key)

    def read() -> None:
        for _ in range(60):
            found = index.retrieve("bees", 50)
            if not any(hit.chunk.doc_id == "doc-stays" for hit in found):
                problems.append(found)

    threads = [threading.Thread(target=write, args=(key,)) for key in "ab"]
    threads += [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert index.count() == 1
