"""``racto-rag ingest``: bring the index up to date, and say what was done and what was not."""

from __future__ import annotations

import argparse

from racto.rag.chunkers import RecursiveChunker
from racto.rag.index import DocumentIndex
from racto.rag.ingestion import IngestionReport

from .command import DONE, PARTIAL
from .console import Console, duration, megabytes
from .parts import open_pipeline

_MOST_ROWS = 50
_DEFAULT_SIZE, _DEFAULT_OVERLAP = 512, 50


def perform(options: argparse.Namespace) -> int:
    """Ingest the paths; 3 when files were skipped."""
    console = Console()
    with DocumentIndex(options.index, create=True) as index:
        # Processors would blur the quotations; the readers have cleaned what needs cleaning.
        rag = open_pipeline(index, options, chunker=_chunker(index, options), processors=[])
        with console.progress() as progress:
            report = rag.update(options.paths, exclude=options.exclude, progress=progress)
        _summarise(console, report, index)
    return DONE if report.is_complete else PARTIAL


def _chunker(index: DocumentIndex, options: argparse.Namespace) -> RecursiveChunker:
    # An index keeps its settings: a plain ``ingest`` must not cut everything anew.
    before = index.manifest
    size = options.chunk_size or before.chunk_size or _DEFAULT_SIZE
    overlap = options.overlap
    if overlap is None:
        overlap = before.overlap if before.chunk_size else _DEFAULT_OVERLAP
        overlap = min(overlap, size // 2)
    return RecursiveChunker(chunk_size=size, overlap=overlap)


def _summarise(console: Console, report: IngestionReport, index: DocumentIndex) -> None:
    console.say(
        f"{report.ingested} ingested ({report.added} new, {report.changed} changed), "
        f"{report.unchanged} unchanged, {report.removed} removed, {len(report.skipped)} skipped; "
        f"{report.chunks} passages from {megabytes(report.bytes)} in {duration(report.seconds)}",
        strong=True,
    )
    if report.ignored:
        kinds = ", ".join(f"{kind} {count}" for kind, count in report.ignored.items())
        total = sum(report.ignored.values())
        console.say(f"{total} ignored, having formats without a reader: {kinds}")
    if report.skipped:
        console.say()
        rows = [
            (entry.source, entry.reason + (" (earlier version kept)" if entry.kept else ""))
            for entry in report.skipped[:_MOST_ROWS]
        ]
        console.table(("skipped", "reason"), rows)
        if len(report.skipped) > _MOST_ROWS:
            console.say(f"  and {len(report.skipped) - _MOST_ROWS} more; see: racto-rag status")
        console.say()
    console.say(f"{index.count()} passages in {index.where}")
