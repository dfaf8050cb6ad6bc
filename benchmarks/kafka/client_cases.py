"""What is asked of the clients: publish and poll at 0.85 or more of bare confluent-kafka's rate."""

from __future__ import annotations

from typing import Literal

from benchmarks.harness.case import Case, Side

PEERS = {
    "bare_published": "Producer.produce and poll(0), pydantic_core.to_json",
    "bare_reported": "Producer.produce with on_delivery, and poll(0), pydantic_core.to_json",
    "bare_polled": "Consumer.consume, pydantic_core.from_json",
}
_HOW = "20,000 records of 170 B to 4 partitions of a mock broker in another process"


def _case(
    name: str,
    function: str,
    peer: str,
    clock: Literal["cpu", "wall"],
    *,
    how: str,
    given: str = "",
) -> Case:
    return Case(
        name=f"{name}, {'CPU' if clock == 'cpu' else 'wall'} time",
        unit="records/s",
        measure="rate",
        better="higher",
        how=f"{_HOW}; {how}",
        given={"size": 20_000, **({"compression": given} if given else {})},
        quick={"size": 2_000},
        ours=Side(file="side_clients.py", function=function),
        peer=Side(file="side_clients.py", function=peer),
        peer_name=PEERS[peer],
        asked="ratio >= 0.85",
        clock=clock,
    )


CASES = [
    *(
        _case(
            f"publish without waiting, {codec}{told}",
            "published",
            peer,
            clock,
            how="until the last is delivered, idempotent on both sides, flush included",
            given=codec,
        )
        for codec in ("gzip", "none")
        for peer, told in (
            ("bare_published", ""),
            ("bare_reported", " (peer takes delivery reports too)"),
        )
        for clock in ("cpu", "wall")
    ),
    *(
        _case("poll", "polled", "bare_polled", clock, how="from the beginning, 500 at a time")
        for clock in ("cpu", "wall")
    ),
]
