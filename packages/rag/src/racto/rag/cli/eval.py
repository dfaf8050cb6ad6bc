"""``racto-rag eval``: how well a judged collection is found, by words, by meaning and by both."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from racto.core.documents import Document
from racto.core.errors import ConfigurationError
from racto.core.protocols.retrievers import Retriever
from racto.rag.chunkers import RecursiveChunker
from racto.rag.evaluation import (
    BeirCollection,
    EvaluationReport,
    evaluate,
    load_beir,
    write_plot,
)
from racto.rag.index import DocumentIndex, SourceRecord
from racto.rag.retrieval import BM25Index

from .command import DONE, PARTIAL
from .console import Console, duration
from .meters import Meter, metered
from .parts import open_pipeline

MODES = {"bm25": "keywords", "vector": "vector", "hybrid": "hybrid"}

_TOP_K = 100
# The longest text that anybody calls a document of a collection is one chunk.
_WHOLE = 10_000_000
# Of a hundred documents the best chunks are among so many times a hundred, or nearly so.
_CHUNKS_EACH = 5
_AT_ONCE = 500


def perform(options: argparse.Namespace) -> int:
    """Ingest the collection, ask its queries, print the figures; 3 when queries failed."""
    collection = load_beir(options.collection, split=options.split, limit=options.limit)
    names = [options.retriever] if options.retriever else list(MODES)
    with metered() as meter:
        if names == ["bm25"] and options.index is None:
            missing, reports = _by_words(collection, options, meter)
        else:
            missing, reports = _by_index(collection, options, names, meter)
    _write_scores(options.per_query, reports)
    if options.plot:
        title = f"{options.collection.resolve().name}, {options.split}"
        write_plot(reports, options.plot, title=title)
    if options.json:
        data = [report.as_data() for report in reports]
        print(json.dumps(data, indent=2, ensure_ascii=False))  # noqa: T201
    else:
        _summarise(Console(), collection, reports, missing)
    return PARTIAL if any(report.failures for report in reports) else DONE


def _by_words(
    collection: BeirCollection, options: argparse.Namespace, meter: Meter
) -> tuple[int, list[EvaluationReport]]:
    """BM25 alone, which needs no embedder."""
    chunker = _chunker(options)
    index = BM25Index()
    try:
        known: set[str] = set()
        waiting = []
        for document in collection.documents():
            known.add(document.source)
            meter("documents", len(known), None)
            if document.content.strip():
                waiting += chunker.chunk(document)
            if len(waiting) >= _AT_ONCE:
                index.add(waiting)
                waiting = []
        index.add(waiting)
        missing = collection.check(known)
        return missing, [_report(index, "bm25", collection, options, meter)]
    finally:
        index.close()


def _by_index(
    collection: BeirCollection, options: argparse.Namespace, names: Sequence[str], meter: Meter
) -> tuple[int, list[EvaluationReport]]:
    with _folder(options.index) as folder, DocumentIndex(folder, create=True) as index:
        known = _ingest(index, collection, options, meter)
        missing = collection.check(known)
        reports = []
        for name in names:
            with open_pipeline(index, options, mode=MODES[name]) as rag:
                reports.append(_report(rag, name, collection, options, meter))
    return missing, reports


def _ingest(
    index: DocumentIndex, collection: BeirCollection, options: argparse.Namespace, meter: Meter
) -> set[str]:
    """Put what is new or changed into the index and return all ids of the collection."""
    chunker = _chunker(options)
    before = {record.label: record for record in index.sources()}
    _check_index(index, before.values(), chunker.chunk_size)
    known: set[str] = set()

    def documents() -> Iterator[Document]:
        for document in collection.documents():
            known.add(document.source)
            meter("documents", len(known), None)
            # Collections hold blank documents, and judge them too; they are never found.
            if document.content.strip():
                yield document

    with open_pipeline(index, options, chunker=chunker, processors=[]) as rag:
        rag.ingest_documents(documents())
    if foreign := before.keys() - known:
        raise ConfigurationError(
            f"{index.where} holds documents that are not in {collection.folder}, such as "
            f"{min(foreign)!r}; choose another folder with --index"
        )
    return known


def _check_index(index: DocumentIndex, before: Iterable[SourceRecord], chunk_size: int) -> None:
    if any(not record.key.startswith(b"text:") for record in before):
        raise ConfigurationError(
            f"{index.where} holds files, and an evaluation wants an index of its own; choose "
            "another folder with --index"
        )
    # Cut otherwise than now, the documents would be other passages.
    if index.manifest.chunk_size not in (0, chunk_size):
        raise ConfigurationError(
            f"{index.where} was filled with another --chunk-size; use that one, or choose another "
            "folder with --index"
        )


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
        return
    with TemporaryDirectory(prefix="racto-eval-") as made:
        yield Path(made) / "index"


def _chunker(options: argparse.Namespace) -> RecursiveChunker:
    size = options.chunk_size or _WHOLE
    return RecursiveChunker(chunk_size=size, overlap=min(50, size // 4) if size < _WHOLE else 0)


def _report(
    retriever: Retriever,
    name: str,
    collection: BeirCollection,
    options: argparse.Namespace,
    meter: Meter,
) -> EvaluationReport:
    return evaluate(
        retriever,
        collection.queries,
        collection.qrels,
        name=name,
        top_k=_TOP_K,
        chunks_each=_CHUNKS_EACH if options.chunk_size else 1,
        progress=lambda asked, total: meter(f"queries, {name}", asked, total),
    )


def _write_scores(file: Path | None, reports: Sequence[EvaluationReport]) -> None:
    if file is None:
        return
    rows = ["retriever\tquery\tndcg_at_10\trecall_at_100\tmrr_at_10\tmap\tseconds"]
    for report in reports:
        for each in report.queries:
            key = " ".join(each.query_id.split())
            rows.append(
                f"{report.retriever}\t{key}\t{each.ndcg_at_10:.6f}\t{each.recall_at_100:.6f}\t"
                f"{each.mrr_at_10:.6f}\t{each.average_precision:.6f}\t{each.seconds:.6f}"
            )
    try:
        file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written: {error.strerror}") from error


def _summarise(
    console: Console,
    collection: BeirCollection,
    reports: Sequence[EvaluationReport],
    missing: int,
) -> None:
    console.say(f"{len(collection.queries)} queries of {collection.folder}", strong=True)
    headers = ("retriever", "nDCG@10", "recall@100", "MRR@10", "MAP", "p50", "p95")
    rows = [
        (
            report.retriever,
            f"{report.ndcg_at_10:.4f}",
            f"{report.recall_at_100:.4f}",
            f"{report.mrr_at_10:.4f}",
            f"{report.mean_average_precision:.4f}",
            duration(report.latency(0.5)),
            duration(report.latency(0.95)),
        )
        for report in reports
    ]
    console.table(headers, rows)
    if collection.unjudged:
        console.say(f"{collection.unjudged} queries left out: nothing is relevant to them")
    if missing:
        console.say(f"{missing} judgments name documents that corpus.jsonl does not hold")
    for report in reports:
        for key, reason in list(report.failures.items())[:3]:
            console.say(f"{report.retriever} failed at query {key}: {reason}")
        if len(report.failures) > 3:
            console.say(f"  and at {len(report.failures) - 3} more")
