"""evaluate: a retriever asked all queries of a judged collection, and timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TypeAlias

from racto.core.documents import RetrievalResult
from racto.core.errors import ConfigurationError, RactoGatewayError
from racto.core.flows import Flow, arun, run, step
from racto.core.protocols.retrievers import Retriever

from .measures import Qrels, measured
from .report import EvaluationReport, QueryScores

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many queries were asked, and of how many, after each one."""


def evaluate(
    retriever: Retriever,
    queries: Mapping[str, str],
    qrels: Qrels,
    *,
    name: str = "",
    top_k: int = 100,
    chunks_each: int = 1,
    progress: Progress | None = None,
) -> EvaluationReport:
    """Ask a retriever every query, one after the other, and judge what it found.

    A chunk belongs to the document whose id is its ``metadata.source``; a document of several
    chunks stands where its best one does.

    Args:
        retriever: Whatever finds chunks.
        queries: Text by query id.
        qrels: Relevance by query id and document id.
        name: What the report is to call the retriever; its class by default.
        top_k: Documents that a query is judged by; 100 or more, or recall@100 means less.
        chunks_each: Chunks to ask for, for each of these documents: 1 where a document is one
            chunk, more where it is cut into several.
        progress: Told after each query.

    Returns:
        The report. A query that the retriever fails at scores 0.0 and is named there.

    Raises:
        ConfigurationError: If there is no query, one has no judgment, or a number is below 1.
        MissingExtraError: If ir-measures is not installed.
        RactoGatewayError: The retriever's, if it failed at every query.
    """
    return run(_trial(retriever, queries, qrels, name, top_k, chunks_each, progress))


async def aevaluate(
    retriever: Retriever,
    queries: Mapping[str, str],
    qrels: Qrels,
    *,
    name: str = "",
    top_k: int = 100,
    chunks_each: int = 1,
    progress: Progress | None = None,
) -> EvaluationReport:
    """Async twin of :func:`evaluate`."""
    return await arun(_trial(retriever, queries, qrels, name, top_k, chunks_each, progress))


def _trial(
    retriever: Retriever,
    queries: Mapping[str, str],
    qrels: Qrels,
    name: str,
    top_k: int,
    chunks_each: int,
    progress: Progress | None,
) -> Flow[EvaluationReport]:
    _check(queries, qrels, top_k, chunks_each)
    # Before hours of questions, in case the library is missing.
    measured({}, {})
    rankings: dict[str, list[str]] = {}
    seconds: dict[str, float] = {}
    failures: dict[str, str] = {}
    for asked, (key, text) in enumerate(queries.items(), start=1):
        began = time.perf_counter()
        try:
            results = yield from step(
                retriever.retrieve, retriever.aretrieve, text, top_k * chunks_each
            )
        except RactoGatewayError as error:
            failures[key] = str(error)
            rankings[key] = []
            if len(failures) == len(queries):
                raise
        else:
            seconds[key] = time.perf_counter() - began
            rankings[key] = _documents(results)[:top_k]
        if progress is not None:
            progress(asked, len(queries))
    scores = measured(rankings, qrels)
    return EvaluationReport(
        retriever=name or type(retriever).__name__,
        queries=tuple(
            QueryScores(query_id=key, seconds=seconds.get(key, 0.0), **scores[key])
            for key in queries
        ),
        failures=failures,
        top_k=top_k,
    )


def _check(queries: Mapping[str, str], qrels: Qrels, top_k: int, chunks_each: int) -> None:
    if not queries:
        raise ConfigurationError("there is no query to evaluate with")
    if top_k < 1 or chunks_each < 1:
        raise ConfigurationError(
            f"top_k and chunks_each must be at least 1, not {top_k} and {chunks_each}"
        )
    for key in queries:
        if max(qrels.get(key, {}).values(), default=0) <= 0:
            raise ConfigurationError(
                f"query {key!r} has no relevant document in the judgments; leave it out"
            )


def _documents(results: list[RetrievalResult]) -> list[str]:
    """The documents of the results, each where its best chunk stands."""
    return list(dict.fromkeys(result.chunk.metadata.source for result in results))
