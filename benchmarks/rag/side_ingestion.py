"""Ingestion of plain text into an index on disk, with an embedder that costs nothing."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from text import documents

DIMENSION = 256
FILE = 1_000_000


class FreeEmbedder:
    """The same vector for every text: what is measured is all the rest."""

    dimension = DIMENSION
    fingerprint = "free"

    def __init__(self) -> None:
        import numpy as np

        self._row = np.random.default_rng(0).normal(size=DIMENSION).astype(np.float32)

    def embed(self, texts: Sequence[str]) -> Any:
        """One row a text."""
        import numpy as np

        return np.tile(self._row, (len(texts), 1))

    async def aembed(self, texts: Sequence[str]) -> Any:
        """Async twin of :meth:`embed`."""
        return self.embed(texts)


def _files(place: Path, size: int) -> None:
    place.mkdir()
    texts = documents(min(size, 20 * FILE), FILE)
    for number in range(size // FILE):
        # Each begins in its own way, or they would be copies of one another.
        text = f"Part {number}.\n\n" + texts[number % len(texts)]
        (place / f"{number:04}.txt").write_text(text, encoding="utf-8")


def ingest(size: int) -> Callable[[], int]:
    """Files of 1 MB, cut, embedded, indexed by word and vector, and committed one by one."""
    from racto.rag import RactoRAG

    home = Path(tempfile.mkdtemp(prefix="racto-bench-"))
    _files(home / "docs", size)
    runs = iter(range(1000))

    def once() -> int:
        index = home / f"index{next(runs)}"
        with RactoRAG(embedder=FreeEmbedder(), index=index) as rag:
            assert rag.update(home / "docs").added == size // FILE
        shutil.rmtree(index)
        return size

    return once


def plain(size: int) -> Callable[[], int]:
    """The floor: the same passages into SQLite's table, full-text index and blobs, nothing else."""
    home = Path(tempfile.mkdtemp(prefix="racto-bench-"))
    vector = bytes(4 * DIMENSION)
    texts = documents(size, FILE)
    runs = iter(range(1000))

    def once() -> int:
        path = home / f"plain{next(runs)}.sqlite3"
        connection = sqlite3.connect(path, isolation_level=None)
        connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
            "CREATE TABLE chunks (id INTEGER PRIMARY KEY, content TEXT, vector BLOB);"
            "CREATE VIRTUAL TABLE words USING fts5 (content, content='chunks', "
            "content_rowid='id', tokenize='porter unicode61');"
        )
        number = 0
        for text in texts:
            pieces = [text[at : at + 512] for at in range(0, len(text), 462)]
            rows = [(number + place, piece, vector) for place, piece in enumerate(pieces)]
            number += len(rows)
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO chunks VALUES (?, ?, ?)", rows)
            connection.executemany(
                "INSERT INTO words (rowid, content) VALUES (?, ?)", (row[:2] for row in rows)
            )
            connection.execute("COMMIT")
        connection.close()
        path.unlink()
        return size

    return once


def peak(size: int) -> Callable[[], float]:
    """The most memory that the process held while it ingested, in MB."""
    run = ingest(size)

    def once() -> float:
        run()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    return once
