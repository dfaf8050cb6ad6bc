"""``racto-rag ingest``: bring the index up to date, and say what was done and what was not."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from racto.core.errors import ConfigurationError
from racto.core.protocols import Chunker
from racto.rag.chunkers import CodeChunker, MarkdownChunker, RecursiveChunker, SentenceChunker
from racto.rag.index import DocumentIndex
from racto.rag.ingestion import IngestionReport
from racto.rag.ingestion.folders import EVERYTHING
from racto.rag.ingestion.report import ProgressCallback
from racto.rag.pipeline import DEFAULT_EMBEDDER, RactoRAG

from .command import DONE, PARTIAL
from .console import Console, duration, megabytes
from .parts import open_pipeline, registry_of

CHUNKERS: Mapping[str, Any] = {
    "recursive": RecursiveChunker,
    "markdown": MarkdownChunker,
    "code": CodeChunker,
    "sentence": SentenceChunker,
}
"""Chunkers by the names that ``--chunker`` takes."""

_MOST_ROWS = 50
_SERVICE_CONCURRENCY = 4
_DEFAULT_SIZE, _DEFAULT_OVERLAP = 512, 50


def perform(options: argparse.Namespace) -> int:
    """Ingest the paths; 3 when files were skipped."""
    console = Console()
    # A dry run must leave no trace, not even an empty index.
    create = not options.dry_run or options.index.exists()
    with DocumentIndex(options.index if create else None, create=create) as index:
        rag = open_for_ingestion(index, options)
        with console.progress() as progress:
            report = update(rag, options, progress)
        summarise(console, report, index)
    return DONE if report.is_complete else PARTIAL


def open_for_ingestion(index: DocumentIndex, options: argparse.Namespace) -> RactoRAG:
    """A pipeline that cuts as the index was cut before, unless the options say otherwise."""
    usual = 1 if options.embedder == DEFAULT_EMBEDDER else _SERVICE_CONCURRENCY
    return open_pipeline(
        index,
        options,
        chunker=_chunker(index, options),
        # Processors would blur the quotations; the readers have cleaned what needs cleaning.
        processors=[],
        reader_registry=registry_of(options),
        concurrency=options.concurrency or usual,
    )


def update(
    rag: RactoRAG, options: argparse.Namespace, progress: ProgressCallback | None
) -> IngestionReport:
    """Bring the index up to date as the options want it."""
    return rag.update(
        options.paths,
        include=[_anywhere(pattern) for pattern in options.include] or EVERYTHING,
        exclude=options.exclude,
        metadata=dict(options.metadata),
        keep_duplicates=options.keep_duplicates,
        dry_run=options.dry_run,
        progress=progress,
    )


def _anywhere(pattern: str) -> str:
    """A name matches at any depth, as it does for ``--exclude``; a path is meant as it is."""
    return pattern if "/" in pattern else f"**/{pattern}"


def _chunker(index: DocumentIndex, options: argparse.Namespace) -> Chunker:
    # An index keeps its settings: a plain ``ingest`` must not cut everything anew.
    before = index.manifest
    names = {kind.__name__: name for name, kind in CHUNKERS.items()}
    name = options.chunker or names.get(before.chunker, "recursive")
    if name == "sentence":
        if options.chunk_size or options.overlap:
            raise ConfigurationError("--chunk-size and --overlap are not for --chunker sentence")
        return SentenceChunker()
    size = options.chunk_size or before.chunk_size or _DEFAULT_SIZE
    overlap = options.overlap
    if overlap is None:
        overlap = before.overlap if before.chunk_size else _DEFAULT_OVERLAP
        overlap = min(overlap, size // 2)
    chunker: Chunker = CHUNKERS[name](chunk_size=size, overlap=overlap)
    return chunker


def summarise(console: Console, report: IngestionReport, index: DocumentIndex) -> None:
    """Print what was done, or would be, and what was not."""
    if report.is_dry_run:
        console.say("A dry run: nothing was embedded or stored.")
    console.say(
        f"{report.ingested} ingested ({report.added} new, {report.changed} changed), "
        f"{report.unchanged} unchanged, {report.removed} removed, "
        f"{report.duplicates} duplicates, {len(report.skipped)} skipped; "
        f"{report.chunks} passages from {megabytes(report.bytes)} in {duration(report.seconds)}",
        strong=True,
    )
    if report.ignored:
        kinds = ", ".join(f"{kind} {count}" for kind, count in report.ignored.items())
        total = sum(report.ignored.values())
        console.say(f"{total} ignored, having no reader or being pictures without words: {kinds}")
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
