"""What is asked of the audit log: at most 20 microseconds of the request's own thread an event."""

from __future__ import annotations

from benchmarks.harness.case import Case, Side

BARE = "json.dumps and Producer.produce of confluent-kafka, without a log"


def _case(name: str, kind: str, *, asked: str = "") -> Case:
    return Case(
        name=f"audit log, {name}",
        unit="us/event",
        measure="figure",
        better="lower",
        how="CPU time of the calling thread over 2,000 events of 700 B, while they are delivered "
        "by another",
        given={"kind": kind},
        ours=Side(file="side_audit.py", function="logged"),
        peer=Side(file="side_audit.py", function="produced"),
        peer_name=BARE,
        asked=asked,
        clock="wall",
    )


CASES = [
    _case("in memory", "memory", asked="ours <= 20"),
    _case("on disk", "disk", asked="ours <= 20"),
    _case("on disk, chained", "chained"),
    _case("on disk, chained with a key", "keyed"),
]
