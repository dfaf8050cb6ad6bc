"""What is asked of the list classifier: 60 microseconds around a kit, 4,000 texts a second."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.case import Case, Environment, Side

REFERENCE = Environment(name="ractogateway-openai", requirements=("ractogateway[openai]==0.2.1",))
_REPLY = "the kit answers at once with a reply that is made already"
_FLOOR = "a bare kit: a checked ChatConfig with a static response model, its reply as JSON"


def _ours(function: str) -> Side:
    return Side(file="side_classifier.py", function=function)


def _overhead(count: int, most: int) -> list[Case]:
    shared: dict[str, Any] = {
        "unit": "us",
        "measure": "time",
        "better": "lower",
        "scale": 1e6,
        "given": {"count": count},
        "ours": _ours("once"),
    }
    reference = Side(file="side_classifier_reference.py", function="once", environment=REFERENCE)
    return [
        Case(
            name=f"classify a text, {count} options",
            how=_REPLY,
            peer=reference,
            peer_name="ractogateway 0.2.1 ListClassifierPipeline",
            asked=f"ours <= {most}",
            **shared,
        ),
        Case(
            name=f"classify a text, {count} options, over a bare kit",
            how=_REPLY,
            peer=Side(file="side_classifier_floor.py", function="once"),
            peer_name=_FLOOR,
            asked=f"difference <= {most}",
            **shared,
        ),
    ]


CLASSIFIER_CASES = [
    *_overhead(5, 60),
    *_overhead(200, 300),
    Case(
        name="abatch_run of 500 texts, 50 wide, on a kit of 10 ms",
        unit="texts/s",
        measure="rate",
        better="higher",
        how="wall time; 5,000 are possible when nothing else takes time",
        given={"count": 500, "width": 50},
        quick={"count": 100},
        ours=_ours("many"),
        peer=Side(file="side_classifier_floor.py", function="many"),
        peer_name="50 tasks that share a list and await the bare kit",
        asked="ours >= 4000",
        clock="wall",
    ),
    Case(
        name="classify a text, 5,000 options by a shortlist of 20",
        unit="ms",
        measure="time",
        better="lower",
        scale=1e3,
        how=f"LocalEmbedder, options embedded before; {_REPLY}; a prompt and a schema a text",
        given={"count": 5_000},
        quick={"count": 500},
        ours=_ours("shortlisted"),
    ),
]
