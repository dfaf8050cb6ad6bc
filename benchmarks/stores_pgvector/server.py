"""One PostgreSQL with pgvector that both sides of a comparison share, and the data for them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SERVICES = Path(__file__).resolve().parents[2] / "scripts" / "services.py"


def dsn() -> str:
    """Where the server is: RACTO_BENCH_POSTGRES, or the one that `scripts/services` has or starts."""
    given = os.environ.get("RACTO_BENCH_POSTGRES")
    if given:
        return given
    command = [sys.executable, str(SERVICES), "start", "pgvector", "--exports"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"no PostgreSQL with pgvector: {done.stderr.strip()}")
    return done.stdout.strip().partition("=")[2].strip("'")


def loading_dsn() -> str:
    """The same server with memory enough to build an index, which its default of 64 MB is not."""
    from psycopg.conninfo import make_conninfo

    return make_conninfo(dsn(), options="-c maintenance_work_mem=1GB")


def settle(table: str) -> None:
    """Let the server do now what its background would do during a measurement."""
    import psycopg

    with psycopg.connect(dsn(), autocommit=True) as conn:
        conn.execute(f"VACUUM ANALYZE {table}")
        conn.execute("CHECKPOINT")


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
