"""What is asked of racto-stores-milvus: the bare client's speed on the same Milvus Lite."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.case import Case, Side

SMALL = {"rows": 10_000, "dimension": 384}
SIZE = {"rows": 100_000, "dimension": 384}


def case(task: str, function: str, how: str, given: dict[str, Any], runs: int = 5) -> Case:
    """A case whose two sides have functions of the same name."""
    return Case(
        name=task.format(f"{given['rows']:,} x 384"),
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
        runs=runs,
        # One call of those of 100,000 takes longer than this already.
        seconds=0.3,
    )


# Lite builds any other index in the background, for a minute after the last chunk came, and that
# minute would be measured in place of what follows it.
ADD = "chunks in requests of 1,000, a FLAT index, then flushed and loaded; Lite in the process"
SEARCH = "top 10 with texts and metadata, strong consistency, a FLAT index; Lite in the process"
FILTER = "as above, where an entry of metadata is equal; the peer compares a column of its own"

CASES = [
    case("add {}", "add", ADD, SMALL, runs=3),
    case("add {}", "add", ADD, SIZE, runs=1),
    *(
        case(task, function, how, given, runs)
        for given, runs in ((SMALL, 7), (SIZE, 3))
        for task, function, how in (
            ("search {}, one query", "search", SEARCH),
            ("search {}, batch of 32", "search_batch", SEARCH),
            ("search {}, filter that keeps 10 %", "search_filtered", FILTER),
        )
    ),
]
