"""What is asked of racto-rag: chunks with their objects at 150 MB/s, in linear time."""

from __future__ import annotations

from typing import Any

from benchmarks.harness.case import Case, Environment, Side

from .chunking import CHUNKING_CASES
from .ingestion import INGESTION
from .quality_index_cases import INDEX_CASES, QUALITY_CASES

LANGCHAIN = Environment(
    name="langchain-splitters", requirements=("langchain-text-splitters==1.1.0",)
)
REFERENCE = Environment(name="ractogateway", requirements=("ractogateway==0.2.1",))

MANY = {"size": 10_000_000, "each": 20_000}
ONE = {"size": 10_000_000, "each": 10_000_000}
SMALL_MANY = {"size": 1_000_000}
SMALL_ONE = {"size": 1_000_000, "each": 1_000_000}
CHUNKS = (
    "512 characters, overlap 50, Python's documentation; ours: chunks with offsets, ids, metadata"
)


def ours(function: str) -> Side:
    """A function of our side."""
    return Side(file="side_racto.py", function=function)


def reference(function: str) -> Side:
    """A function of the reference package's side."""
    return Side(file="side_reference.py", function=function, environment=REFERENCE)


def rate(name: str, **fields: Any) -> Case:
    """A case in MB (10^6 characters or bytes) of text a second."""
    return Case(name=name, unit="MB/s", measure="rate", better="higher", scale=1e-6, **fields)


CASES = [
    rate(
        "recursive chunks of 10 MB, documents of 20 kB",
        how=f"{CHUNKS}; peer: documents with start index",
        given=MANY,
        quick=SMALL_MANY,
        ours=ours("recursive"),
        peer=Side(file="side_langchain.py", function="recursive", environment=LANGCHAIN),
        peer_name="langchain-text-splitters 1.1.0",
        asked="ours >= 150",
        runs=7,
    ),
    rate(
        "recursive chunks of 10 MB, one document",
        how=f"{CHUNKS}; peer: documents with start index",
        given=ONE,
        quick=SMALL_ONE,
        ours=ours("recursive"),
        peer=Side(file="side_langchain.py", function="recursive", environment=LANGCHAIN),
        peer_name="langchain-text-splitters 1.1.0",
        asked="ours >= 150",
        runs=7,
    ),
    rate(
        "recursive chunks of 10 MB against bare slices",
        how=f"{CHUNKS}; peer: strings cut with rfind, no offsets and no objects",
        given=ONE,
        quick=SMALL_ONE,
        ours=ours("recursive"),
        peer=Side(file="side_plain.py", function="windows"),
        peer_name="plain Python loop",
        runs=7,
    ),
    rate(
        "recursive chunks of 1 MB, one document",
        how=f"{CHUNKS}; the reference's have no true offsets",
        given={"size": 1_000_000, "each": 1_000_000},
        quick={"size": 200_000, "each": 200_000},
        ours=ours("recursive"),
        peer=reference("recursive"),
        peer_name="ractogateway 0.2.1 RecursiveChunker",
        asked="ratio >= 15",
        runs=5,
    ),
    Case(
        name="recursive chunks, 20 MB in one piece against 1 MB",
        unit="speed/speed",
        measure="figure",
        better="higher",
        how="MB/s on one document of 20 MB / MB/s on documents of 1 MB; 1 is linear, 0.7 our own bound",
        given={"small": 1_000_000, "large": 20_000_000},
        quick={"small": 200_000, "large": 1_000_000},
        ours=ours("linearity"),
        asked="ours >= 0.7",
        runs=5,
        seconds=0,
    ),
    rate(
        "clean 4 MB of prose",
        how="all five steps; one space between words, nothing to remove",
        given={"size": 4_000_000, "kind": "prose"},
        quick={"size": 400_000},
        ours=ours("clean"),
        peer=reference("clean"),
        peer_name="ractogateway 0.2.1 TextCleaner",
        asked="ours >= 80",
    ),
    rate(
        "clean 4 MB of documentation",
        how="all five steps; indented text, lists and tables",
        given={"size": 4_000_000, "kind": "documentation"},
        quick={"size": 400_000},
        ours=ours("clean"),
        peer=reference("clean"),
        peer_name="ractogateway 0.2.1 TextCleaner",
        asked="ratio >= 1.5",
    ),
    Case(
        name="clean 40,000 opening brackets",
        unit="ms",
        measure="time",
        better="lower",
        scale=1e3,
        how="all five steps on '<' * 40,000; the reference's pattern is quadratic",
        given={"size": 40_000, "kind": "brackets"},
        quick={"size": 4_000},
        ours=ours("clean"),
        peer=reference("clean"),
        peer_name="ractogateway 0.2.1 TextCleaner",
        asked="ratio <= 0.05",
        runs=5,
    ),
    rate(
        "read 2 MB of HTML",
        how="text, title and headings with offsets; the reference: text and title",
        given={"size": 2_000_000},
        quick={"size": 200_000},
        ours=ours("html"),
        peer=reference("html"),
        peer_name="ractogateway 0.2.1 HtmlReader",
        asked="ratio >= 1",
        runs=5,
    ),
    *CHUNKING_CASES,
    *INGESTION,
    *QUALITY_CASES,
    *INDEX_CASES,
]
