"""What is asked of racto-stores-pgvector: the bare client's time, and COPY instead of executemany."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.case import Case, Side

ADD = {"rows": 10_000, "dimension": 384, "batch_size": 100}
MANY = {"rows": 100_000, "dimension": 384, "batch_size": 1000}
FEW = {"rows": 1_000}
SEARCHES = (
    ("one query", "search", "top 10; ours returns chunks, the peer rows", {}),
    ("batch of 32", "search_batch", "top 10 each; the peer sends a pipeline", {"batch": 32}),
    (
        "filter that keeps 10 %",
        "search_filtered",
        "top 10 where a free fact is equal; ours finds it in lists too",
        {},
    ),
)


def against(
    name: str, function: str, peer: str, asked: str, how: str, given: dict[str, Any], unit: str
) -> Case:
    """A comparison with a function of the bare side, by the wall: most work is the server's."""
    return Case(
        name=name,
        unit=unit,
        measure="rate",
        better="higher",
        how=f"{how}; wall time, one server for both",
        given=given,
        quick=FEW,
        ours=Side(file="side_racto.py", function=function),
        peer=Side(file="side_psycopg.py", function=peer),
        peer_name="psycopg 3 + pgvector",
        asked=asked,
        clock="wall",
        runs=5,
    )


def searches(rows: int, index: str | None) -> list[Case]:
    """The searches in a table of so many chunks, exact or through an index of the same settings."""
    given = {"rows": rows, "dimension": 384, "top_k": 10, "index": index}
    kind = "HNSW m=16, ef_search=100, iterative scan" if index else "exact"
    return [
        against(
            f"search {rows:,} x 384, {index or 'exact'}, {name}", function, function,
            "ratio >= 0.87", f"{how}; {kind}", {**given, **more}, "queries/s",
        )
        for name, function, how, more in SEARCHES
    ]  # fmt: skip


CASES = [
    against("add 10,000 x 384, new", "add", "copy_binary", "ratio >= 0.87",
            "batches of 100; ours checks all first, keeps ids unique and has two more indexes",
            ADD, "chunks/s"),
    against("add 100,000 x 384, new", "add", "copy_binary", "ratio >= 0.87",
            "batches of 1000; ours checks all first, keeps ids unique and has two more indexes",
            MANY, "chunks/s"),
    against("add 10,000 x 384, new, same indexes", "add", "copy_binary_indexed", "ratio >= 0.87",
            "batches of 100; ours checks all first and keeps ids unique", ADD, "chunks/s"),
    against("add 100,000 x 384, new, same indexes", "add", "copy_binary_indexed", "ratio >= 0.87",
            "batches of 1000; ours checks all first and keeps ids unique", MANY, "chunks/s"),
    against("add 10,000 x 384, known", "replace", "copy_and_upsert", "ratio >= 0.87",
            "batches of 100; the peer copies aside and upserts from there", ADD, "chunks/s"),
    against("bulk load against executemany, lists", "add", "executemany_lists", "ratio >= 5",
            "batches of 1000; vectors as text", {**ADD, "batch_size": 1000}, "chunks/s"),
    against("bulk load against executemany, arrays", "add", "executemany_arrays", "",
            "batches of 1000; vectors in binary, statements in one pipeline",
            {**ADD, "batch_size": 1000}, "chunks/s"),
    against("bare COPY against executemany, arrays", "bare_copy", "executemany_arrays", "",
            "both sides bare: what COPY itself can gain",
            {**ADD, "batch_size": 1000}, "chunks/s"),
    *searches(10_000, None),
    *searches(100_000, None),
    *searches(100_000, "hnsw"),
]  # fmt: skip
