"""SemanticChunker cuts where the subject changes, and only there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from racto.core import Document
from racto.core.errors import ConfigurationError, EmbeddingError
from racto.core.flows import threaded
from racto.core.testing import ChunkerContract, HashEmbedder
from racto.rag.chunkers.semantic import SemanticChunker

PIECES = st.sampled_from(
    ["Cats purr. ", "Ships sail. ", "\n\n", "\r\n", "!", "\0", "x" * 90, "e\u0301 ", "\u3002"]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join))


class Subjects:
    """Embeds a sentence by the animal it names; one that names none has a vector of zeros."""

    dimension = 3

    def __init__(self) -> None:
        self.calls: list[int] = []

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.calls.append(len(texts))
        return [[float(word in text) for word in ("cat", "dog", "owl")] for text in texts]

    aembed = threaded(embed)


class Forgetful(Subjects):
    """Loses the last text of each call."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return super().embed(texts)[:-1]


class TestContract(ChunkerContract):
    """SemanticChunker is a chunker."""

    @pytest.fixture
    def chunker(self) -> SemanticChunker:
        return SemanticChunker(HashEmbedder(16), max_characters=300)


def cut(text: str, embedder: Subjects | None = None, **more: object) -> list[str]:
    chunker = SemanticChunker(embedder or Subjects(), **more)
    return [chunk.content for chunk in chunker.chunk(Document(content=text, source="a"))]


@settings(max_examples=150, deadline=None)
@given(text=TEXTS, fewest=st.integers(1, 4), longest=st.integers(1, 100), batch=st.integers(1, 5))
def test_laws_of_chunks_hold_on_any_text(laws, text, fewest, longest, batch):
    chunker = SemanticChunker(
        HashEmbedder(8), 0.9, fewest, max_characters=longest, batch_size=batch
    )
    chunks = chunker.chunk(Document(content=text, source="a", doc_id="d"))
    laws(text, chunks)
    assert all(len(chunk.content) <= longest for chunk in chunks)
    assert all(one.end <= two.start for one, two in pairwise(chunks))


CATS = "A cat sat. The cat ate. "
DOGS = "A dog ran. The dog slept. "


def test_a_chunk_ends_where_the_subject_changes():
    assert cut(CATS + DOGS) == [CATS.strip(), DOGS.strip()]
    assert cut(CATS + "A cat and dog met. " + DOGS) == [(CATS + "A cat and dog met. " + DOGS)[:-1]]
    assert len(cut(CATS + "A cat and dog met. " + DOGS, threshold=0.8, min_chunk_size=1)) == 3


def test_a_chunk_has_no_fewer_sentences_than_asked():
    text = "A cat. A dog. A cat. A dog. An owl."
    assert cut(text, min_chunk_size=1) == ["A cat.", "A dog.", "A cat.", "A dog.", "An owl."]
    assert cut(text, min_chunk_size=2) == ["A cat. A dog.", "A cat. A dog. An owl."]


def test_a_sentence_without_meaning_stays_where_it_is():
    assert cut("A cat sat. Hm. A dog ran.", min_chunk_size=1) == ["A cat sat. Hm. A dog ran."]


def test_a_chunk_never_grows_beyond_its_bound():
    chunks = cut("A cat sat there. " * 100, max_characters=100)
    assert all(80 < len(chunk) <= 100 for chunk in chunks[:-1])


def test_sentences_are_embedded_once_in_bounded_batches():
    embedder = Subjects()
    text = "A cat sat. " * 10
    assert cut(text, embedder, batch_size=4) == [text.strip()]
    assert embedder.calls == [4, 4, 2]


def test_a_single_sentence_is_not_embedded():
    embedder = Subjects()
    assert cut("A cat sat.", embedder) == ["A cat sat."]
    assert embedder.calls == []


def test_lost_vectors_are_noticed():
    with pytest.raises(EmbeddingError, match="1 vectors for 2 sentences"):
        cut("A cat sat. A dog ran.", Forgetful())


async def test_the_async_twin_awaits_the_embedder():
    document = Document(content=CATS + DOGS, source="a", doc_id="d")
    chunker = SemanticChunker(Subjects())
    assert await chunker.achunk(document) == chunker.chunk(document)
    with pytest.raises(EmbeddingError):
        await SemanticChunker(Forgetful()).achunk(document)


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        ({"threshold": 1.5}, "threshold"),
        ({"threshold": float("nan")}, "threshold"),
        ({"min_chunk_size": 0}, "min_chunk_size"),
        ({"batch_size": 0}, "batch_size"),
        ({"max_characters": 0}, "max_characters"),
        ({"language": "elvish"}, "elvish"),
    ],
)
def test_what_makes_no_sense_is_refused(given_, reason):
    with pytest.raises(ConfigurationError, match=reason):
        SemanticChunker(Subjects(), **given_)


def test_the_vector_space_is_told_to_ingestion():
    assert SemanticChunker(HashEmbedder(8)).fingerprint == "racto-hash-1-8"
    assert SemanticChunker(Subjects()).fingerprint == "Subjects"
