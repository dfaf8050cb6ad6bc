"""What is asked of racto-stores-pinecone: at most 1.15 times the time of the bare client."""

from __future__ import annotations

from benchmarks.harness.case import Case, Side

_HOW = (
    "wall time; the server is another process that sends canned answers after 10 ms, as a service "
    "in a region nearby does; both sides keep the whole record and read it back"
)


def _case(name: str, function: str, rows: int, quick: int) -> Case:
    return Case(
        name=name,
        unit="operations/s",
        measure="rate",
        better="higher",
        how=_HOW,
        given={"rows": rows, "dimension": 384, **({} if function == "add" else {"top_k": 10})},
        quick={"rows": quick},
        ours=Side(file="side_racto.py", function=function),
        peer=Side(file="side_client.py", function=function),
        peer_name="pinecone 10 alone",
        # The inverse of 1.15 times the time.
        asked="ratio >= 0.87",
        clock="wall",
        runs=5,
    )


CASES = [
    _case("add 10,000 x 384", "add", 10_000, 300),
    _case("search top 10, one query", "search", 100, 20),
    _case("search top 10, one query with a filter", "search_filtered", 100, 20),
    _case("search top 10, batch of 32", "search_batch", 32, 32),
]
