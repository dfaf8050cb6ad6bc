"""The contract of chunkers: slices of the document, in order, with no text left out."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given

from racto.core.documents import Chunk, Document, Section
from racto.core.protocols.chunkers import Chunker

from .contract import Contract
from .generators import TEXTS, examples
from .voices import Voice

# Generated texts seldom fill a window of usual size; this one fills many, and ends in the midst.
_LONG = " ".join(f"Sentence {number} says little.\n" for number in range(400)) + " The tail"
_PAGED = "First page.\n" * 20 + "Second page.\n" * 20


class ChunkerContract(Contract, subject="chunker", protocol=Chunker):
    """All laws of a chunker. Give a fixture ``chunker``."""

    def test_chunks_are_slices(self, chunker: Chunker, voice: Voice) -> None:
        """``document.text[chunk.start:chunk.end] == chunk.content``, and no chunk is empty.

        If this fails: work on offsets and slice at the end (``racto.core.documents.cut_all``); text
        that was split, stripped and joined again has lost its place.
        """

        @examples(self.max_examples)
        @given(text=TEXTS)
        @example(text=_LONG)
        def holds(text: str) -> None:
            for chunk in _cut(chunker, voice, text):
                assert text[chunk.start : chunk.end] == chunk.content
                # A blank chunk would be embedded, paid for, and found by nobody.
                assert chunk.content.strip()

        holds()

    def test_no_text_is_lost(self, chunker: Chunker, voice: Voice) -> None:
        """Every character that is not white space is in at least one chunk.

        If this fails: look at what stands between the chunks: separators such as full stops, and
        the last piece of the text.
        """

        @examples(self.max_examples)
        @given(text=TEXTS)
        @example(text=_LONG)
        def holds(text: str) -> None:
            # One byte a character: overlapping chunks may cover a place twice.
            covered = bytearray(len(text))
            for chunk in _cut(chunker, voice, text):
                covered[chunk.start : chunk.end] = b"\x01" * (chunk.end - chunk.start)
            lost = [(i, c) for i, c in enumerate(text) if not covered[i] and not c.isspace()]
            assert lost == []

        holds()

    def test_chunks_are_numbered(self, chunker: Chunker, voice: Voice) -> None:
        """Indexes count from 0 in the order of the text, the total is right, none is redundant.

        If this fails: number after empty pieces are dropped, and stop when the end of the text
        is reached; an overlap must not become a chunk of its own.
        """

        @examples(self.max_examples)
        @given(text=TEXTS)
        @example(text=_LONG)
        def holds(text: str) -> None:
            chunks = _cut(chunker, voice, text)
            assert [chunk.metadata.chunk_index for chunk in chunks] == list(range(len(chunks)))
            # A subset, because a text without words has no chunks and so no totals.
            assert {chunk.metadata.total_chunks for chunk in chunks} <= {len(chunks)}
            # A tail that lies wholly inside its predecessor would be found twice.
            for one, two in pairwise(chunks):
                assert one.start < two.start
                assert one.end < two.end

        holds()

    def test_ids_are_unique_and_stable(self, chunker: Chunker, voice: Voice) -> None:
        """Ids differ within a document and are the same when it is cut again.

        If this fails: derive ids from the document's id and the offsets, so that ingesting a
        document again replaces its chunks.
        """

        @examples(self.max_examples)
        @given(text=TEXTS)
        @example(text=_LONG)
        def holds(text: str) -> None:
            ids = [chunk.chunk_id for chunk in _cut(chunker, voice, text)]
            assert len(set(ids)) == len(ids)
            assert [chunk.chunk_id for chunk in _cut(chunker, voice, text)] == ids

        holds()

    def test_documents_do_not_share_ids(self, chunker: Chunker, voice: Voice) -> None:
        """Two documents with the same text have different chunk ids.

        If this fails: make the document's id a part of each chunk's.
        """
        one, two = (
            voice(chunker, "chunk", Document(content=_PAGED, source="a.md", doc_id=doc_id))
            for doc_id in ("one", "two")
        )
        assert not {c.chunk_id for c in one} & {c.chunk_id for c in two}

    def test_chunks_know_their_document(self, chunker: Chunker, voice: Voice) -> None:
        """Source, document id, free facts, page and section come from the document.

        If this fails: take page and section at the chunk's start from ``Document.page_at`` and
        ``Document.section_at``.
        """
        # Page and section change in the middle of the text, so a chunker that copies the first
        # ones to all chunks is found out.
        document = Document(
            content=_PAGED, source="a.pdf", doc_id="d", metadata={"lang": "en"}, pages=(0, 240),
            sections=(Section(start=0, title="One"), Section(start=240, title="Two")),
        )  # fmt: skip
        chunks: list[Chunk] = voice(chunker, "chunk", document)
        assert chunks
        for chunk in chunks:
            metadata = chunk.metadata
            assert (chunk.doc_id, metadata.doc_id, metadata.source) == ("d", "d", "a.pdf")
            assert metadata.extra["lang"] == "en"
            assert metadata.page == document.page_at(chunk.start)
            assert metadata.section == document.section_at(chunk.start)

    def test_blank_documents_have_no_chunks(self, chunker: Chunker, voice: Voice) -> None:
        """A document without text has no chunks.

        If this fails: drop pieces of white space alone.
        """
        for text in ("", " ", "\n\n \t\u2028\n"):
            assert _cut(chunker, voice, text) == []

    def test_long_text_without_breaks(self, chunker: Chunker, voice: Voice) -> None:
        """A text of 100,000 characters without a space is cut like any other.

        If this fails: there must be a last resort, a cut between characters, in linear time.
        """
        # Minified code and languages without spaces look like this.
        text = "x" * 100_000
        chunks = _cut(chunker, voice, text)
        assert chunks[0].start == 0
        assert chunks[-1].end == len(text)
        assert all(two.start <= one.end for one, two in pairwise(chunks))

    def test_many_callers_at_once(self, chunker: Chunker, voice: Voice) -> None:
        """One chunker cuts for many threads or tasks, with no state between documents.

        If this fails: keep positions in local variables, not on the chunker.
        """
        documents = [Document(content=_PAGED[i:], source="a", doc_id=f"d{i}") for i in range(8)]
        expected = [voice(chunker, "chunk", document) for document in documents]
        assert voice.together(chunker, "chunk", [(item,) for item in documents]) == expected


def _cut(chunker: Chunker, voice: Voice, text: str) -> list[Chunk]:
    document = Document(content=text, source="generated.md", doc_id="generated")
    chunks: list[Chunk] = voice(chunker, "chunk", document)
    return chunks
