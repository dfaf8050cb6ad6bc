"""What is asked of racto-stores-weaviate: at most 1.15 times the time of the bare client."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.case import Case, Side

_HOW = (
    "wall time; both ask a loopback server in a process of its own, which compares in plain Python, "
    "so that it stands for the service and not for its engine; both read the record back"
)


def _case(name: str, function: str, given: dict[str, Any], quick: int) -> Case:
    return Case(
        name=name,
        unit="operations/s",
        measure="rate",
        better="higher",
        how=_HOW,
        given={"dimension": 384, **given},
        quick={"rows": quick},
        ours=Side(file="side_racto.py", function=function),
        peer=Side(file="side_client.py", function=function),
        peer_name="weaviate-client 4 alone",
        # The inverse of 1.15 times the time.
        asked="ratio >= 0.87",
        clock="wall",
        runs=5,
    )


_FOUND = {"rows": 2_000, "top_k": 10}
CASES = [
    _case("add 10,000 x 384", "add", {"rows": 10_000}, 300),
    _case("search 2,000 x 384, top 10, one query", "search", _FOUND, 300),
    _case("search 2,000 x 384, top 10, 10 % filter", "search", {**_FOUND, "shelf": 3}, 300),
    _case("search 2,000 x 384, top 10, batch of 32", "search_batch", {**_FOUND, "batch": 32}, 300),
]
