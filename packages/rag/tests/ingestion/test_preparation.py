"""Chunks carry the version of their document, and say when their text is not the source's."""

from __future__ import annotations

from racto.core import Document
from racto.core.testing import SpaceFolder, WindowChunker
from racto.rag.ingestion.preparation import REWRITTEN, Preparation, is_exact

TEXT = "one  two three\n\nfour five six seven"


def document(text: str = TEXT) -> Document:
    return Document(content=text, source="a.txt", doc_id="a", metadata={"lang": "en"})


def test_the_same_text_and_settings_give_the_same_ids() -> None:
    one = Preparation(WindowChunker(), []).chunks(document())
    two = Preparation(WindowChunker(), []).chunks(document())
    assert [chunk.chunk_id for chunk in one] == [chunk.chunk_id for chunk in two]


def test_another_text_or_setting_shares_no_id() -> None:
    ids = [
        {chunk.chunk_id for chunk in preparation.chunks(document(text))}
        for preparation, text in (
            (Preparation(WindowChunker(), []), TEXT),
            (Preparation(WindowChunker(), []), TEXT + "!"),
            (Preparation(WindowChunker(), [SpaceFolder()]), TEXT),
            (Preparation(WindowChunker(12), []), TEXT),
        )
    ]
    assert len(set.union(*ids)) == sum(map(len, ids))


def test_chunks_are_slices_until_a_processor_rewrites_them() -> None:
    exact = Preparation(WindowChunker(), []).chunks(document())
    assert all(is_exact(chunk) for chunk in exact)
    assert all(TEXT[chunk.start : chunk.end] == chunk.content for chunk in exact)
    assert exact[0].metadata.extra["lang"] == "en"

    rewritten = Preparation(WindowChunker(), [SpaceFolder()]).chunks(document())
    marked = [chunk for chunk in rewritten if not is_exact(chunk)]
    assert marked
    assert all(chunk.metadata.extra == {"lang": "en", REWRITTEN: True} for chunk in marked)
    assert [(c.start, c.end) for c in rewritten] == [(c.start, c.end) for c in exact]


def test_chunks_that_a_processor_empties_are_dropped() -> None:
    class Eraser:
        def process(self, text: str) -> str:
            return "" if "four" in text else text

    kept = Preparation(WindowChunker(16), [Eraser()]).chunks(document())
    assert kept
    assert all("four" not in chunk.content for chunk in kept)


def test_half_characters_are_replaced_one_for_one() -> None:
    (chunk,) = Preparation(WindowChunker(), []).chunks(document("a\ud800\udc00b"))
    assert chunk.content == "a\ufffd\ufffdb"
