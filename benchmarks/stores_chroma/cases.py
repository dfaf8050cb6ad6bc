"""What is asked of racto-stores-chroma: hardly more time than the bare client."""

from __future__ import annotations

from benchmarks.harness.case import Case, Side

SIZE = {"rows": 10_000, "dimension": 384}
LARGE = 100_000
SMALL = {"rows": 1_000}
CLIENT = "chromadb 1.5, EphemeralClient"


def case(name: str, function: str, how: str, runs: int = 5, **given: int) -> Case:
    """One row, of both sides' functions of the same name."""
    return Case(
        name=name,
        unit="ms",
        measure="time",
        better="lower",
        scale=1e3,
        how=f"{how}; both on Chroma in memory, ours with exact metadata and filters",
        given={**SIZE, **given},
        quick=SMALL,
        ours=Side(file="side_racto.py", function=function),
        peer=Side(file="side_client.py", function=function),
        peer_name=CLIENT,
        asked="ratio <= 1.15",
        runs=runs,
    )


CASES = [
    case("add 10,000 x 384", "add", "batches of 1,000 into an empty collection"),
    case("search 10,000 x 384, one query", "search", "top 10 with texts", top_k=10),
    case("search 10,000 x 384, batch of 32", "search_batch", "top 10", top_k=10, batch=32),
    case(
        "search 10,000 x 384, filter that keeps 10 %",
        "search_filtered",
        "top 10 where a string is equal",
        top_k=10,
    ),
    # Once: HNSW takes a minute and a half to take so many in, on either side. Searches in so many
    # would need that again for each row, and differ from those above in the engine's part alone.
    case(
        "add 100,000 x 384",
        "add",
        "batches of 1,000 into an empty collection, once",
        runs=1,
        rows=LARGE,
    ),
]
