"""SemanticChunker: chunks that end where the text changes its subject."""

from __future__ import annotations

from racto.core.documents import Chunk, Document, cut_all
from racto.core.embeddings import Matrix
from racto.core.errors import ConfigurationError, EmbeddingError
from racto.core.flows import Flow, arun, run, step
from racto.core.protocols.embedders import Embedder, Fingerprinted
from racto.rag.offload import offload

from .sentence import LONGEST_CHUNK, require_length
from .sentences import SentenceFinder, Spans, trimmed
from .similarities import neighbour_similarities


class SemanticChunker:
    """Cuts between two sentences whose embeddings are less similar than a threshold.

    Sentences are found by sentencex (extra ``sentences``), and embedded in batches, each sentence
    once. A sentence whose vector is all zeros says nothing and stays with its neighbours. No
    chunk repeats anything.

    Args:
        embedder: Any embedder.
        threshold: Cosine similarity, from -1 to 1, below which a new chunk begins.
        min_chunk_size: Fewest sentences in a chunk, at least 1; only ``max_characters`` and the
            end of the text make smaller ones.
        language: English name or ISO 639 code; its abbreviations end no sentence.
        max_characters: Most characters in a chunk. A longer sentence is divided between words.
        batch_size: Most sentences in a call of the embedder.

    Raises:
        ConfigurationError: If a number makes no sense or the language is unknown; it is a
            ``ValueError``.
        MissingExtraError: If the library sentencex is not installed.
    """

    def __init__(
        self,
        embedder: Embedder,
        threshold: float = 0.5,
        min_chunk_size: int = 2,
        language: str = "english",
        *,
        max_characters: int = LONGEST_CHUNK,
        batch_size: int = 256,
    ) -> None:
        # Written so that NaN is refused too.
        if not -1 <= threshold <= 1:
            raise ConfigurationError(f"threshold must be a cosine from -1 to 1, not {threshold}")
        for name, value in (("min_chunk_size", min_chunk_size), ("batch_size", batch_size)):
            if value < 1:
                raise ConfigurationError(f"{name} must be at least 1, not {value}")
        require_length(max_characters)
        self.threshold = threshold
        self.min_chunk_size = min_chunk_size
        self.language = language
        self.max_characters = max_characters
        self.batch_size = batch_size
        self._embedder = embedder
        # Other vectors make other chunks: ingestion compares this.
        self.fingerprint = (
            embedder.fingerprint if isinstance(embedder, Fingerprinted) else type(embedder).__name__
        )
        self._finder = SentenceFinder(language, max_characters)

    def chunk(self, document: Document) -> list[Chunk]:
        """All chunks of a document in their order; none for a document without text.

        Raises:
            EmbeddingError: If the embedder returns another number of vectors than sentences, or
                vectors that cannot be compared.
        """
        return run(self._chunk(document))

    async def achunk(self, document: Document) -> list[Chunk]:
        """Async twin of :meth:`chunk`; awaits the embedder."""
        return await arun(self._chunk(document))

    def _chunk(self, document: Document) -> Flow[list[Chunk]]:
        text = document.content
        sentences = yield from offload(self._sentences, text)
        texts = [text[start:end] for start, end in zip(*sentences, strict=True)]
        similarities = yield from self._similarities(texts)
        firsts = self._firsts(sentences, similarities)
        starts = [sentences.starts[first] for first in firsts]
        ends = [sentences.ends[after - 1] for after in firsts[1:]] + sentences.ends[-1:]
        return cut_all(document, starts, ends)

    def _sentences(self, text: str) -> Spans:
        found = self._finder.find(text)
        spans = [trimmed(text, *span) for span in zip(*found, strict=True)]
        return Spans([start for start, _ in spans], [end for _, end in spans])

    def _similarities(self, texts: list[str]) -> Flow[list[float]]:
        """The similarity of each sentence to the one before it, from the second on."""
        if len(texts) < 2:
            return []
        similarities: list[float] = []
        last = None
        for start in range(0, len(texts), self.batch_size):
            batch = texts[start : start + self.batch_size]
            vectors = yield from self._embedded(batch)
            if last is not None:
                similarities += neighbour_similarities([last, vectors[0]])
            similarities += neighbour_similarities(vectors)
            last = vectors[len(batch) - 1]
        return similarities

    def _embedded(self, batch: list[str]) -> Flow[Matrix]:
        vectors = yield from step(self._embedder.embed, self._embedder.aembed, batch)
        if len(vectors) != len(batch):
            raise EmbeddingError(
                f"{type(self._embedder).__name__} returned {len(vectors)} vectors for "
                f"{len(batch)} sentences; without one for each there is no telling where to cut"
            )
        return vectors

    def _firsts(self, sentences: Spans, similarities: list[float]) -> list[int]:
        """The first sentence of each chunk."""
        starts, ends = sentences
        firsts = [0] if starts else []
        for place in range(1, len(starts)):
            first = firsts[-1]
            full = ends[place] - starts[first] > self.max_characters
            enough = min(place - first, len(starts) - place) >= self.min_chunk_size
            if full or (enough and similarities[place - 1] < self.threshold):
                firsts.append(place)
        return firsts
