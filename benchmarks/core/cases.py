"""What is asked of racto-core: an import that nobody feels, and little cost on hot paths."""

from __future__ import annotations

from benchmarks.harness.case import Case, Environment, Side

REFERENCE = Environment(name="ractogateway", requirements=("ractogateway==0.2.1",))


def ours(function: str) -> Side:
    """A function of our side."""
    return Side(file="side_racto.py", function=function)


def pydantic(function: str) -> Side:
    """A function that costs pydantic alone."""
    return Side(file="side_pydantic.py", function=function)


CASES = [
    Case(
        name="import racto.core",
        unit="ms",
        measure="figure",
        better="lower",
        how="CPU of `import racto.core` after `import pydantic`, in fresh processes, both timed",
        ours=ours("package"),
        peer=pydantic("package"),
        peer_name="import pydantic",
        asked="difference <= 30",
        runs=15,
        seconds=0,
    ),
    Case(
        name="import every public name of racto.core",
        unit="ms",
        measure="figure",
        better="lower",
        how="as above, all rooms loaded; peer: a first model class, which any use of pydantic loads",
        ours=ours("names"),
        peer=pydantic("model"),
        peer_name="pydantic with one model",
        runs=15,
        seconds=0,
    ),
    Case(
        name="a step of a flow",
        unit="us/step",
        measure="time",
        better="lower",
        scale=1e6 / 1000,
        how="1,000 steps in one flow, sync driver; peer: the same calls without a flow",
        ours=ours("flow"),
        peer=pydantic("calls"),
        peer_name="plain calls",
        asked="ours <= 10",
    ),
    Case(
        name="assemble a streamed reply of 2,000 chunks",
        unit="us/chunk",
        measure="time",
        better="lower",
        scale=1e6 / 2000,
        how="text deltas through the builder; peer: the reference's chunk models, text accumulated",
        ours=ours("stream"),
        peer=Side(file="side_reference.py", function="stream", environment=REFERENCE),
        peer_name="ractogateway 0.2.1 StreamChunk",
        asked="ratio <= 1",
    ),
]
