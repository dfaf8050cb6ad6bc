"""What is asked of racto-retrieval-server in process: little time around the engines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.harness.case import Case, Environment, Side

# It imports numpy wherever its processors are imported, and installs it with an extra alone.
ROUTIR = Environment(name="routir", requirements=("routir==0.0.2", "numpy>=2"))
NAME = "routir 0.0.2, its log off"
ALL = "fuse_batch of one query, k = 0; racto's result comes in order, routir's in none"
BEST = "fuse_batch and the best 100 in order, as RRF%100 gives them; routir by its dict_topk"
STUB = "engines that answer at once, no cached results, CPU time"


def _case(name: str, function: str, *, given: Mapping[str, Any], how: str, asked: str) -> Case:
    return Case(
        name=name,
        unit="requests/s",
        measure="rate",
        better="higher",
        how=how,
        given=given,
        ours=Side(file="side_racto.py", function=function),
        peer=Side(file="side_routir.py", function=function, environment=ROUTIR),
        peer_name=NAME,
        asked=asked,
    )


def _fusion(name: str, *, how: str, **given: Any) -> Case:
    return Case(
        name=name,
        unit="ms",
        measure="time",
        better="lower",
        scale=1e3,
        how=how,
        given=given,
        ours=Side(file="side_racto.py", function="fusion"),
        peer=Side(file="side_routir.py", function="fusion", environment=ROUTIR),
        peer_name=NAME,
        asked="ours <= 1.3",
    )


CASES = [
    _case(
        "submit through a batcher, 32 at once",
        "batcher",
        given={},
        how=f"batches of 32, 10 hits each; {STUB}",
        asked="",
    ),
    _case(
        "cache hit",
        "cache_hit",
        given={},
        how="one hot request, 10 hits; racto gives a copy, routir the entry itself",
        asked="",
    ),
    _case(
        "pipeline s%100",
        "pipeline",
        given={"text": "s%100"},
        how=f"one run after the other, 100 hits; {STUB}",
        asked="",
    ),
    _case(
        "pipeline s%100 >> r%20",
        "pipeline",
        given={"text": "s%100 >> r%20"},
        how=f"100 documents, read as a batch by racto and one by one by routir; {STUB}",
        asked="",
    ),
    _case(
        "pipeline s%100 >> r%20, a collection that reads one by one",
        "pipeline",
        given={"text": "s%100 >> r%20", "by_batch": False},
        how=f"100 documents, each by a processor's submit; {STUB}",
        asked="",
    ),
    _fusion("RRF of 4 x 1,000, rankings in order", how=ALL, is_sorted=True),
    _fusion("RRF of 4 x 1,000, rankings in no order", how=ALL, is_sorted=False),
    _fusion("RRF of 4 x 1,000, in order, best 100", how=BEST, is_sorted=True, limit=100),
    _fusion("RRF of 4 x 1,000, in no order, best 100", how=BEST, is_sorted=False, limit=100),
]
