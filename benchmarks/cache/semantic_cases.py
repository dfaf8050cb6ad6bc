"""What is asked of the semantic cache: bare numpy's speed, whatever else a hit takes."""

from __future__ import annotations

from benchmarks.harness.case import Case, Environment, Side

REFERENCE = Environment(name="ractogateway", requirements=("ractogateway==0.2.1",))

SIZES = {(512, 384): 0.1, (512, 1536): 0.3, (10_000, 384): 3.0, (10_000, 1536): 12.0}


def _against_numpy(rows: int, dimension: int) -> Case:
    return Case(
        name=f"semantic get {rows:,} x {dimension}, against numpy",
        unit="ms/call",
        measure="time",
        better="lower",
        scale=1e3,
        how="a hit on a question that is near another; the embedder returns a ready row, which ours "
        "checks; ours also copies the reply, numpy finds a row number",
        given={"rows": rows, "dimension": dimension},
        quick={"rows": min(rows, 512), "dimension": dimension},
        ours=Side(file="side_semantic.py", function="hit"),
        peer=Side(file="side_semantic_numpy.py", function="hit"),
        peer_name="numpy (X @ q).argmax()",
        asked="ratio <= 1.3",
        runs=11,
    )


def _against_reference(rows: int, dimension: int, most: float) -> Case:
    return Case(
        name=f"semantic get {rows:,} x {dimension}, against the reference",
        unit="ms/call",
        measure="time",
        better="lower",
        scale=1e3,
        how="as above; the reference's embedder returns a ready list of floats",
        given={"rows": rows, "dimension": dimension},
        quick={"rows": min(rows, 512), "dimension": dimension},
        ours=Side(file="side_semantic.py", function="hit"),
        peer=Side(file="side_semantic_reference.py", function="hit", environment=REFERENCE),
        peer_name="ractogateway 0.2.1 SemanticCache",
        asked=f"ours <= {most:g}",
        # The reference takes seconds a call, and minutes to be filled.
        runs=3,
        seconds=0.05,
    )


CASES = [
    *(_against_numpy(*size) for size in SIZES),
    *(_against_reference(*size, most) for size, most in SIZES.items()),
    Case(
        name="semantic nearest 10,000 x 384, in one of 100 scopes",
        unit="ms/call",
        measure="time",
        better="lower",
        scale=1e3,
        how="by request, the scope's digest included; numpy searches everything",
        given={"rows": 10_000, "dimension": 384, "scopes": 100},
        quick={"rows": 512, "dimension": 384, "scopes": 8},
        ours=Side(file="side_semantic.py", function="scoped"),
        peer=Side(file="side_semantic_numpy.py", function="scoped"),
        peer_name="numpy (X @ q).argmax(), all scopes",
        asked="ratio <= 1",
    ),
    Case(
        name="semantic get 60,000 x 384, along a graph",
        unit="ms/call",
        measure="time",
        better="lower",
        scale=1e3,
        how='index="faiss" on both copies of the same questions; all rows on the other side',
        given={"rows": 60_000, "dimension": 384, "index": "faiss"},
        quick={"rows": 512, "dimension": 384, "index": "faiss"},
        ours=Side(file="side_semantic.py", function="hit"),
        peer=Side(file="side_semantic_numpy.py", function="hit"),
        peer_name="numpy (X @ q).argmax()",
        asked="ratio <= 0.2",
        runs=5,
    ),
    Case(
        name="semantic put 10,000 x 384, full, the oldest goes",
        unit="us/call",
        measure="time",
        better="lower",
        scale=1e6,
        how="a ready vector and a reply of 100 characters; the reference keeps the very object",
        given={"rows": 10_000, "dimension": 384},
        quick={"rows": 512, "dimension": 384},
        ours=Side(file="side_semantic.py", function="put"),
        peer=Side(file="side_semantic_reference.py", function="put", environment=REFERENCE),
        peer_name="ractogateway 0.2.1 SemanticCache",
        runs=5,
    ),
]
