"""What is asked of ranking and of the index: bm25s's quality, and 100,000 passages in 15 ms."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.case import Case, Environment, Side

BM25S = Environment(
    name="bm25s", requirements=("bm25s==0.3.16", "PyStemmer==3.1.0", "numpy==2.4.6")
)
LARGE = {"rows": 100_000}
SMALL = {"rows": 4_000}
JUDGED = "documents whole; RACTO_COLLECTION, or the standard library's docstrings"
HYBRID = "median of 300 questions; top 5 of 100 by words and 100 by 256 values, 8 words a question"


def _figure(name: str, measure: str, function: str, **fields: Any) -> Case:
    return Case(
        name=name,
        unit=measure,
        measure="figure",
        better="higher",
        given={"measure": "ndcg" if measure == "nDCG@10" else "recall"},
        ours=Side(file="quality_racto.py", function=function),
        runs=1,
        seconds=0,
        **fields,
    )


def _asking(name: str, mode: str, clock: Any, **fields: Any) -> Case:
    return Case(
        name=name,
        unit="ms",
        measure="figure",
        better="lower",
        scale=1e3,
        given={**LARGE, "mode": mode, "clock": clock},
        quick=SMALL,
        ours=Side(file="index_racto.py", function="ask"),
        peer=Side(file="index_bm25s.py", function="ask", environment=BM25S),
        peer_name="numpy X @ q and bm25s 0.3.16",
        clock=clock,
        runs=3,
        seconds=0,
        **fields,
    )


def _opening(name: str, answer: bool, **fields: Any) -> Case:
    return Case(
        name=name,
        unit="ms",
        measure="figure",
        better="lower",
        scale=1e3,
        given={**LARGE, "answer": answer},
        quick=SMALL,
        ours=Side(file="index_racto.py", function="opened"),
        runs=5,
        seconds=0,
        **fields,
    )


QUALITY_CASES = [
    _figure(
        "BM25 on a judged collection", "nDCG@10", "words",
        how=f"{JUDGED}; peer: stop words, Snowball stems, k1 1.5",
        peer=Side(file="quality_bm25s.py", function="words", environment=BM25S),
        peer_name="bm25s 0.3.16", asked="ratio >= 1",
    ),
    _figure(
        "hybrid with the local embedder against words alone, nDCG@10", "nDCG@10", "hybrid",
        how=JUDGED, peer=Side(file="quality_racto.py", function="words"),
        peer_name="racto BM25", asked="ratio >= 1",
    ),
    _figure(
        "hybrid with the local embedder against words alone, recall@100", "recall@100", "hybrid",
        how=JUDGED, peer=Side(file="quality_racto.py", function="words"),
        peer_name="racto BM25", asked="ratio >= 1",
    ),
]  # fmt: skip

INDEX_CASES = [
    _asking("hybrid question to 100,000 passages", "hybrid", "cpu", how=HYBRID, asked="ours <= 15"),
    _asking("hybrid question to 100,000 passages, wall time", "hybrid", "wall", how=HYBRID),
    _asking("BM25 question to 100,000 passages", "keywords", "cpu", how="median of 300 questions, 8 words each; top 5"),
    _opening(
        "open 100,000 passages and answer by words", False,
        how="a folder, closed before; the first question included", asked="ours <= 1000",
    ),
    _opening(
        "open 100,000 passages and answer a hybrid question", True,
        how="the same with all vectors read into the memory store",
    ),
]  # fmt: skip
