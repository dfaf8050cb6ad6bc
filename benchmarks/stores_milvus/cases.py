"""What is asked of racto-stores-milvus: the bare client's speed on the same Milvus Lite."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.case import Case, Side

SIZE = {"rows": 10_000, "dimension": 384}


def case(name: str, function: str, how: str, given: dict[str, Any], runs: int = 5) -> Case:
    """A case whose two sides have functions of the same name."""
    return Case(
        name=name,
        unit="ms",
        measure="time",
        better="lower",
        scale=1e3,
        how=how,
        given=given,
        quick={"rows": 1_000},
        ours=Side(file="side_racto.py", function=function),
        peer=Side(file="side_client.py", function=function),
        peer_name="pymilvus 3, MilvusClient",
        asked="ratio <= 1.15",
        clock="wall",
        runs=runs,
    )


ADD = (
    "chunks in requests of 1,000, into an empty collection, flushed and loaded; Lite in the process"
)
SEARCH = "top 10 with texts and metadata, strong consistency, flushed before; Lite in the process"
FILTER = "as above, where an entry of metadata is equal; the peer compares a column of its own"

CASES = [
    case("add 10,000 x 384", "add", ADD, SIZE, runs=3),
    case("search 10,000 x 384, one query", "search", SEARCH, SIZE),
    case("search 10,000 x 384, batch of 32", "search_batch", SEARCH, SIZE),
    case("search 10,000 x 384, filter that keeps 10 %", "search_filtered", FILTER, SIZE),
]
