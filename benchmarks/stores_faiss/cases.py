"""What is asked of racto-stores-faiss: bare faiss's speed, cheap removal, and little memory."""

from __future__ import annotations

from typing import Any, Literal

from benchmarks.harness.case import Case, Side

BARE = "faiss IndexIDMap2(IndexFlatIP) and a dictionary of chunks"
SIZE = {"rows": 100_000, "dimension": 384}
SMALL = {"rows": 10_000, "dimension": 384}
QUICK = {"rows": 2_000}


def against_bare(name: str, function: str, how: str, given: dict[str, Any], runs: int = 7) -> Case:
    """A case whose two sides have functions of the same name."""
    return Case(
        name=name,
        unit="ms",
        measure="time",
        better="lower",
        scale=1e3,
        how=how,
        given=given,
        quick=QUICK,
        ours=Side(file="side_racto.py", function=function),
        peer=Side(file="side_faiss.py", function=function),
        peer_name=BARE,
        asked="ratio <= 1.15",
        runs=runs,
    )


def alone(
    name: str,
    function: str,
    how: str,
    asked: str,
    measure: Literal["time", "figure"],
    unit: str,
    scale: float = 1.0,
) -> Case:
    """A case with a bound of its own."""
    return Case(
        name=name,
        unit=unit,
        measure=measure,
        better="lower",
        scale=scale,
        how=how,
        given=SIZE,
        quick=QUICK,
        ours=Side(file="side_racto.py", function=function),
        asked=asked,
        runs=3,
        seconds=0,
    )


ADD = "chunks with float32 rows, in batches of 1,000, normalised, into an empty store"
SEARCH = "top 10, normalised; ours brings chunks with vectors, the peer looks its chunks up"
FILTER = "as above, where an entry of metadata is equal; the peer has the ids of each value ready"

CASES = [
    against_bare("add 10,000 x 384", "add", ADD, SMALL),
    against_bare("add 100,000 x 384", "add", ADD, SIZE, runs=3),
    against_bare("search 100,000 x 384, one query", "search", SEARCH, SIZE),
    against_bare("search 100,000 x 384, batch of 32", "search_batch", SEARCH, SIZE),
    against_bare("search 100,000 x 384, filter that keeps 10 %", "search_filtered", FILTER, SIZE),
    alone(
        "delete one chunk of 100,000",
        "delete",
        "mean of 100 calls, each with one id; the reference takes 1.9 s",
        "ours <= 1",
        "figure",
        "ms",
        1e3,
    ),
    alone(
        "memory of 100,000 x 384 with 512 characters each",
        "memory",
        "resident memory that a full store adds to a fresh process / (float32 data + characters)",
        "ours <= 1.3",
        "figure",
        "bytes/byte",
    ),
]
