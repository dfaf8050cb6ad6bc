"""What is asked of an ingestion: 3 MB/s on one core, and memory that does not grow."""

from __future__ import annotations

from benchmarks.harness.case import Case, Side

SIDE = "side_ingestion.py"
FREE = (
    "files of 1 MB; read, cut, cleaned, words and vectors on disk; an embedder that costs nothing"
)

INGESTION = [
    Case(
        name="ingest 20 MB of plain text with a free embedder",
        unit="MB/s",
        measure="rate",
        better="higher",
        scale=1e-6,
        how=f"{FREE}; peer: fixed slices into a table and SQLite's full-text index",
        given={"size": 20_000_000},
        quick={"size": 2_000_000},
        ours=Side(file=SIDE, function="ingest"),
        peer=Side(file=SIDE, function="plain"),
        peer_name="bare SQLite with FTS5",
        asked="ours >= 3",
        runs=3,
        seconds=0,
    ),
    Case(
        name="most memory while 10 MB are ingested",
        unit="MB",
        measure="figure",
        better="lower",
        how=f"{FREE}; resident size of the whole process, numpy included",
        given={"size": 10_000_000},
        quick={"size": 2_000_000},
        ours=Side(file=SIDE, function="peak"),
        asked="ours <= 300",
        runs=1,
        seconds=0,
    ),
    Case(
        name="most memory while 1 GB is ingested",
        unit="MB",
        measure="figure",
        better="lower",
        how=f"{FREE}; resident size of the whole process, numpy included",
        given={"size": 1_000_000_000},
        quick={"size": 4_000_000},
        ours=Side(file=SIDE, function="peak"),
        asked="ours <= 300",
        runs=1,
        seconds=0,
    ),
]
