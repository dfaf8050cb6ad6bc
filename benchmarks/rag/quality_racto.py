"""racto's rankings of a judged collection, documents whole."""

from __future__ import annotations

from collections.abc import Callable

from quality_collection import MEASURES, collection

from racto.rag import BM25Index, RactoRAG
from racto.rag.chunkers import RecursiveChunker


def words(measure: str) -> Callable[[], float]:
    """By BM25 alone."""
    from racto.core import Chunk, ChunkMetadata

    judged = collection()
    index = BM25Index()
    index.add(
        [
            Chunk(content=text, chunk_id=key, metadata=ChunkMetadata(source=key))
            for key, text in judged.documents.items()
        ]
    )
    return lambda: MEASURES[measure](_asked(index, judged.queries), judged)


def hybrid(measure: str) -> Callable[[], float]:
    """By words and by the local embedder's vectors, with every default as it is."""
    judged = collection()
    rag = RactoRAG(chunker=RecursiveChunker(1_000_000, 0), processors=[])
    for key, text in judged.documents.items():
        rag.ingest_text(text, key)
    return lambda: MEASURES[measure](_asked(rag, judged.queries), judged)


def _asked(retriever: BM25Index | RactoRAG, queries: dict[str, str]) -> dict[str, list[str]]:
    return {
        key: [hit.chunk.metadata.source for hit in retriever.retrieve(text, 100)]
        for key, text in queries.items()
    }
