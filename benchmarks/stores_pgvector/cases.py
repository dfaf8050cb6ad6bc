"""What is asked of racto-stores-pgvector: the bare client's time, and COPY instead of executemany."""

from __future__ import annotations

from benchmarks.harness.case import Case, Side

ADD = {"rows": 10_000, "dimension": 384, "batch_size": 100}
FIND = {"rows": 10_000, "dimension": 384, "top_k": 10}
FEW = {"rows": 1_000}


def against(
    name: str, function: str, peer: str, asked: str, how: str, given: dict[str, int], unit: str
) -> Case:
    """A comparison with a function of the bare side, by the wall: most work is the server's."""
    return Case(
        name=name,
        unit=unit,
        measure="rate",
        better="higher",
        how=f"{how}; wall time, exact search, one server for both",
        given=given,
        quick=FEW,
        ours=Side(file="side_racto.py", function=function),
        peer=Side(file="side_psycopg.py", function=peer),
        peer_name="psycopg 3 + pgvector",
        asked=asked,
        clock="wall",
        runs=5,
    )


CASES = [
    against("add 10,000 x 384, new", "add", "copy_binary", "ratio >= 0.87",
            "batches of 100; ours checks, keeps ids unique and has two more indexes", ADD, "chunks/s"),
    against("add 10,000 x 384, known", "replace", "copy_and_upsert", "ratio >= 0.87",
            "batches of 100; COPY aside, then upsert, on both sides", ADD, "chunks/s"),
    against("bulk load against executemany, lists", "add", "executemany_lists", "ratio >= 5",
            "batches of 1000; vectors as text", {**ADD, "batch_size": 1000}, "chunks/s"),
    against("bulk load against executemany, arrays", "add", "executemany_arrays", "",
            "batches of 1000; vectors in binary, statements in one pipeline",
            {**ADD, "batch_size": 1000}, "chunks/s"),
    against("search 10,000 x 384, one query", "search", "search", "ratio >= 0.87",
            "top 10; ours returns chunks, the peer rows", FIND, "queries/s"),
    against("search 10,000 x 384, batch of 32", "search_batch", "search_batch", "ratio >= 0.87",
            "top 10 each; the peer sends a pipeline", {**FIND, "batch": 32}, "queries/s"),
    against("search 10,000 x 384, filter that keeps 10 %", "search_filtered", "search_filtered",
            "ratio >= 0.87", "top 10 where a free fact is equal", FIND, "queries/s"),
]  # fmt: skip
