"""What is asked of racto-stores-weaviate: at most 1.15 times the time of the bare client."""

from __future__ import annotations

from typing import Any, Literal

from benchmarks.harness.case import Case, Side

_HOW = (
    "the server is a third process that speaks Weaviate's protocol and sends canned answers after "
    "10 ms, as a service in a region nearby does; vectors are {kind}, 10,000 distinct ones; "
    "batches of 100, one at a time; both keep the whole record and read it back; "
    "ours has checked its arguments and tells the client not to"
)
_SEARCH = {"rows": 100, "dimension": 384, "top_k": 10}
_FILTERED = {**_SEARCH, "shelf": 3}
_BATCH = {**_SEARCH, "rows": 32}


def _case(
    name: str,
    function: str,
    given: dict[str, Any],
    clock: Literal["cpu", "wall"],
    quick: int,
    runs: int = 5,
) -> Case:
    kind = "lists of Python" if given.get("kind") == "list" else "float32 arrays"
    label = "CPU of the process" if clock == "cpu" else "wall"
    return Case(
        name=f"{name}, {label}",
        unit="operations/s",
        measure="rate",
        better="higher",
        how=_HOW.format(kind=kind),
        given=given,
        quick={"rows": quick},
        ours=Side(file="side_racto.py", function=function),
        peer=Side(file="side_client.py", function=function),
        peer_name="weaviate-client 4 alone",
        # The inverse of 1.15 times the time.
        asked="ratio >= 0.87",
        clock=clock,
        runs=runs,
    )


def _both(name: str, function: str, given: dict[str, Any], quick: int) -> list[Case]:
    return [_case(name, function, given, "cpu", quick), _case(name, function, given, "wall", quick)]


_ADD: dict[str, Any] = {"rows": 10_000, "dimension": 384}
CASES = [
    *_both("add 10,000 x 384", "add", _ADD, 1_000),
    _case("add 10,000 x 384 as lists", "add", {**_ADD, "kind": "list"}, "cpu", 1_000),
    _case("add 100,000 x 384", "add", {**_ADD, "rows": 100_000}, "cpu", 2_000, runs=3),
    *_both("search top 10, one query", "search", _SEARCH, 20),
    *_both("search top 10, one query with a 10 % filter", "search", _FILTERED, 20),
    *_both("search top 10, batch of 32", "search_batch", _BATCH, 32),
]
