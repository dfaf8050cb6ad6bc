"""What is asked of the exact cache: 4 microseconds a hit, and 12 with 20 kB of text, by the full key."""

from __future__ import annotations

from benchmarks.harness.case import Case, Environment, Side

REFERENCE = Environment(name="ractogateway", requirements=("ractogateway==0.2.1",))


def _exact(what: str, size: int, asked: str = "", *, ours: str = "") -> Case:
    title = f"exact {what}, {'100 B' if size == 100 else '20 kB'} of question and reply"
    return Case(
        name=f"{title}, whole request" if ours else f"{title}, five parts",
        unit="us/call",
        measure="time",
        better="lower",
        scale=1e3,
        how="ours: a key over the complete request, and a reply of the caller's own; the reference's: "
        "a key of five fields, and the very object that was stored"
        if ours
        else "the reference's own call on both sides; ours gives a copy",
        given={"size": size},
        ours=Side(file="side_exact.py", function=ours or what),
        peer=Side(file="side_exact_reference.py", function=what, environment=REFERENCE),
        peer_name="ractogateway 0.2.1 ExactMatchCache",
        asked=asked,
    )


CASES = [
    _exact("hit", 100, "ours <= 4", ours="lookup"),
    _exact("hit", 20_000, "ours <= 12", ours="lookup"),
    _exact("hit", 100, "ours <= 4"),
    _exact("hit", 20_000, "ours <= 12"),
    _exact("miss", 100),
    _exact("miss", 20_000, "ratio <= 1"),
    _exact("put", 100),
    _exact("put", 20_000, "ratio <= 1"),
    Case(
        name="exact hit of a question of 20 kB that was never seen as an object",
        unit="us/call",
        measure="time",
        better="lower",
        scale=1e3,
        how="whole request, made of bytes anew for each call: its text has no hash yet",
        given={"size": 20_000},
        ours=Side(file="side_exact.py", function="new_text"),
        peer=Side(file="side_exact.py", function="decoding"),
        peer_name="the request alone, without a cache",
        asked="difference <= 25",
    ),
    Case(
        name="reply to bytes and back, 20 kB",
        unit="us/reply",
        measure="time",
        better="lower",
        scale=1e4,
        how="versioned, with checksum, compressed; what a cache on Redis pays beside the trip",
        given={"size": 20_000},
        ours=Side(file="side_exact.py", function="round_trip"),
        peer=Side(file="side_exact.py", function="bare_round_trip"),
        peer_name="pydantic's JSON of the same reply, bare",
    ),
]
