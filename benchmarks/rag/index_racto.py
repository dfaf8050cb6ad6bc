"""racto's index in a folder: opened, and asked."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from index_texts import DIMENSION, passages, questions, typical, vectors

from racto.core import Chunk, ChunkMetadata
from racto.rag import RactoRAG
from racto.rag.index import DocumentIndex, SourceRecord

_EACH = 500


class _Free:
    """An embedder that costs next to nothing: each text gets one of a few ready vectors."""

    dimension = DIMENSION
    fingerprint = "free"

    def __init__(self) -> None:
        self._vectors = vectors(300, seed=1)

    def embed(self, texts: Sequence[str]) -> Any:
        return self._vectors[[hash(text) % 300 for text in texts]]

    async def aembed(self, texts: Sequence[str]) -> Any:
        return self.embed(texts)


def ask(rows: int, mode: str, clock: str) -> Callable[[], float]:
    """The median of 300 questions, each another one; passages with their facts come back."""
    texts = passages(rows)
    rag = RactoRAG(index=DocumentIndex(_folder(texts)), embedder=_Free(), mode=mode)
    asked = questions(texts)
    rag.retrieve(asked[0])
    return lambda: typical([partial(rag.retrieve, question) for question in asked], clock)


def opened(rows: int, answer: bool) -> Callable[[], float]:
    """Seconds until an index can be asked by words, or has answered a first hybrid question."""
    texts = passages(rows)
    folder, question, embedder = _folder(texts), questions(texts, 1)[0], _Free()
    RactoRAG(embedder=embedder).close()

    def once() -> float:
        began = time.perf_counter()
        with DocumentIndex(folder) as index:
            mode: Any = "hybrid" if answer else "keywords"
            RactoRAG(index=index, embedder=embedder, mode=mode).retrieve(question)
            return time.perf_counter() - began

    return once


def _folder(texts: list[str]) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="racto-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    rows = vectors(len(texts))
    with DocumentIndex(folder / "index", create=True) as index, index.writer():
        index.bind_embedder(_Free(), DIMENSION)
        for start in range(0, len(texts), _EACH):
            name = f"{start}.txt"
            chunks = [
                Chunk(
                    content=text,
                    doc_id=name,
                    embedding=rows[start + place],
                    metadata=ChunkMetadata(source=name, chunk_index=place, total_chunks=_EACH),
                )
                for place, text in enumerate(texts[start : start + _EACH])
            ]
            record = SourceRecord(key=name.encode(), label=name, chunks=len(chunks))
            index.replace(record, chunks)
    return folder / "index"
