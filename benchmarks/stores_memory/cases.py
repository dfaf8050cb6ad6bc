"""What is asked of racto-stores-memory: numpy's speed, less memory, and every chunk with it."""

from __future__ import annotations

from benchmarks.harness.case import Case, Environment, Side

FAISS = Environment(name="faiss", requirements=("faiss-cpu==1.15.1", "numpy==2.4.6"))
REFERENCE = Environment(name="ractogateway", requirements=("ractogateway==0.2.1",))

SIZE = {"rows": 100_000, "dimension": 384, "top_k": 10}
BATCH = {**SIZE, "batch": 32}
SMALL = {"rows": 5_000}


def ours(function: str) -> Side:
    """A function of our side."""
    return Side(file="side_racto.py", function=function)


CASES = [
    Case(
        name="search 100,000 x 384, one query, against numpy",
        unit="queries/s",
        measure="rate",
        better="higher",
        how="top 10; ours returns chunks, numpy row numbers of a matrix already in memory",
        given=SIZE,
        quick=SMALL,
        ours=ours("search"),
        peer=Side(file="side_numpy.py", function="search"),
        peer_name="numpy X @ q + argpartition",
        asked="ratio >= 0.9",
        runs=11,
    ),
    Case(
        name="search 100,000 x 384, batch of 32, against numpy",
        unit="queries/s",
        measure="rate",
        better="higher",
        how="top 10 of each query; numpy in the fastest order of product and partition",
        given=BATCH,
        quick=SMALL,
        ours=ours("search_batch"),
        peer=Side(file="side_numpy.py", function="search_batch"),
        peer_name="numpy X @ Q.T + argpartition",
        asked="ratio > 1",
        runs=11,
    ),
    Case(
        name="search 100,000 x 384, one query, against numpy with 2 threads",
        unit="queries/s",
        measure="rate",
        better="higher",
        how="as above; wall time, as a service with both cores sees it",
        given=SIZE,
        quick=SMALL,
        ours=ours("search"),
        peer=Side(file="side_numpy.py", function="search"),
        peer_name="numpy X @ q + argpartition",
        asked="ratio >= 0.9",
        clock="wall",
        threads=2,
        runs=11,
    ),
    Case(
        name="search 100,000 x 384, batch of 32, against numpy with 2 threads",
        unit="queries/s",
        measure="rate",
        better="higher",
        how="as above; wall time",
        given=BATCH,
        quick=SMALL,
        ours=ours("search_batch"),
        peer=Side(file="side_numpy.py", function="search_batch"),
        peer_name="numpy X @ Q.T + argpartition",
        asked="ratio > 1",
        clock="wall",
        threads=2,
        runs=11,
    ),
    Case(
        name="search 100,000 x 384, one query, against faiss",
        unit="queries/s",
        measure="rate",
        better="higher",
        how="top 10; faiss returns row numbers and scores",
        given=SIZE,
        quick=SMALL,
        ours=ours("search"),
        peer=Side(file="side_faiss.py", function="search", environment=FAISS),
        peer_name="faiss-cpu 1.15.1 IndexFlatIP",
    ),
    Case(
        name="search 100,000 x 384, batch of 32, against faiss",
        unit="queries/s",
        measure="rate",
        better="higher",
        how="top 10 of each query",
        given=BATCH,
        quick=SMALL,
        ours=ours("search_batch"),
        peer=Side(file="side_faiss.py", function="search_batch", environment=FAISS),
        peer_name="faiss-cpu 1.15.1 IndexFlatIP",
    ),
    Case(
        name="search 100,000 x 384, filter that keeps 10 %",
        unit="queries/s",
        measure="rate",
        better="higher",
        how="top 10 where an entry of metadata.extra is equal; numpy searches everything, unfiltered",
        given=SIZE,
        quick=SMALL,
        ours=ours("search_filtered"),
        peer=Side(file="side_numpy.py", function="search"),
        peer_name="numpy X @ q + argpartition, no filter",
    ),
    Case(
        name="search 10,000 x 384, one query, against the reference",
        unit="ms/query",
        measure="time",
        better="lower",
        scale=1e3,
        how="top 10, chunks with texts on both sides",
        given={**SIZE, "rows": 10_000},
        quick={"rows": 1_000},
        ours=ours("search"),
        peer=Side(file="side_reference.py", function="search", environment=REFERENCE),
        peer_name="ractogateway 0.2.1 InMemoryVectorStore",
        asked="ours <= 5",
        runs=5,
    ),
    Case(
        name="memory of 100,000 x 384 with 512 characters each",
        unit="bytes/byte",
        measure="figure",
        better="lower",
        how="(resident memory that a full store adds to a fresh process, freed heap trimmed before it "
        "is read, - characters) / float32 data",
        given={"rows": 100_000, "dimension": 384},
        quick={"rows": 20_000},
        ours=ours("memory"),
        asked="ours <= 1.2",
        runs=3,
        seconds=0,
    ),
    Case(
        name="add 10,000 x 384",
        unit="chunks/s",
        measure="rate",
        better="higher",
        how="chunks that are ready, into an empty store; the reference only keeps references",
        given={"rows": 10_000, "dimension": 384},
        quick={"rows": 1_000},
        ours=ours("add"),
        peer=Side(file="side_reference.py", function="add", environment=REFERENCE),
        peer_name="ractogateway 0.2.1 InMemoryVectorStore",
        runs=5,
    ),
]
