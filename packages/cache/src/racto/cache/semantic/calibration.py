"""Finds the threshold for an embedder: judges labelled pairs as a semantic cache would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from racto.core.errors import ConfigurationError, EmbeddingError
from racto.core.flows import Flow, arun, run, step
from racto.core.protocols.embedders import Embedder, QueryEmbedder

from .pairs import LabelledPair
from .questions import EmbedFunction, QuestionVectors
from .reports import CalibrationReport, make_report
from .vectors import Floats, unit_row

DEFAULT_THRESHOLDS = tuple(round(0.5 + 0.01 * place, 2) for place in range(51))
"""0.50, 0.51, up to 1.00."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many pairs were compared, of how many."""

_AT_ONCE = 64


def calibrate(
    pairs: Sequence[LabelledPair],
    embedder: Embedder | EmbedFunction,
    thresholds: Sequence[float] = DEFAULT_THRESHOLDS,
    *,
    precision: float = 0.99,
    confidence: float = 0.95,
    progress: Progress | None = None,
) -> CalibrationReport:
    """Precision, recall, F1 and false hits by threshold, and the threshold to take.

    The pairs should look like what users ask: near misses above all, such as the same question of
    another city. Pairs that have nothing in common make every threshold look good.

    Args:
        pairs: Labelled pairs, some of which ask the same and some of which do not.
        embedder: As the cache will have it.
        thresholds: Cosine similarities to judge, -1 to 1.
        precision: Share of the hits that must be true, above 0 up to 1.
        confidence: Of the intervals that tell whether the pairs suffice, between 0 and 1.
        progress: Told how far it has come.

    Raises:
        ConfigurationError: If a number is out of its range, or pairs of one kind are missing.
        EmbeddingError: If the embedder returns what is no vector.
    """
    _check(pairs, thresholds, precision, confidence)
    found = run(_similarities(pairs, embedder, progress))
    labels = [pair.same for pair in pairs]
    return make_report(found, labels, thresholds, precision=precision, confidence=confidence)


async def acalibrate(
    pairs: Sequence[LabelledPair],
    embedder: Embedder | EmbedFunction,
    thresholds: Sequence[float] = DEFAULT_THRESHOLDS,
    *,
    precision: float = 0.99,
    confidence: float = 0.95,
    progress: Progress | None = None,
) -> CalibrationReport:
    """Async twin of :func:`calibrate`."""
    _check(pairs, thresholds, precision, confidence)
    found = await arun(_similarities(pairs, embedder, progress))
    labels = [pair.same for pair in pairs]
    return make_report(found, labels, thresholds, precision=precision, confidence=confidence)


def _check(
    pairs: Sequence[LabelledPair], thresholds: Sequence[float], precision: float, confidence: float
) -> None:
    if not thresholds or not all(-1.0 <= cut <= 1.0 for cut in thresholds):
        raise ConfigurationError(f"thresholds must be -1 to 1, not {list(thresholds)!r:.80}")
    if not 0.0 < precision <= 1.0:
        raise ConfigurationError(f"precision must be above 0 up to 1, not {precision}")
    if not 0.0 < confidence < 1.0:
        raise ConfigurationError(f"confidence must be between 0 and 1, not {confidence}")
    # Without either kind one half of the figures is a division by zero.
    kinds = {pair.same for pair in pairs}
    if kinds != {True, False}:
        lacking = "ask the same" if True not in kinds else "do not ask the same"
        raise ConfigurationError(f"a calibration needs pairs that {lacking} too")


def _similarities(
    pairs: Sequence[LabelledPair],
    embedder: Embedder | EmbedFunction,
    progress: Progress | None,
) -> Flow[list[float]]:
    found: list[float] = []
    # A batch at a time: the vectors of a million pairs would fill the memory.
    for start in range(0, len(pairs), _AT_ONCE):
        batch = pairs[start : start + _AT_ONCE]
        texts = list(dict.fromkeys(text for pair in batch for text in (pair.first, pair.second)))
        rows = dict(zip(texts, (yield from _rows(texts, embedder)), strict=True))
        for pair in batch:
            one, other = rows[pair.first], rows[pair.second]
            if one.shape != other.shape:
                raise EmbeddingError(
                    f"the embedder returned vectors of {len(one)} and of {len(other)} values"
                )
            found.append(max(-1.0, min(1.0, float(np.dot(one, other)))))
        if progress is not None:
            progress(len(found), len(pairs))
    return found


def _rows(texts: list[str], embedder: Embedder | EmbedFunction) -> Flow[list[Floats]]:
    """Rows as a cache would make them, in one call where the embedder takes many texts."""
    # One that tells questions from documents takes them one by one.
    if isinstance(embedder, Embedder) and not isinstance(embedder, QueryEmbedder):
        matrix = yield from step(embedder.embed, embedder.aembed, texts)
        if len(matrix) != len(texts):
            raise EmbeddingError(
                f"the embedder returned {len(matrix)} vectors for {len(texts)} questions"
            )
        return [unit_row(matrix[place]) for place in range(len(texts))]
    questions = QuestionVectors(embedder)
    rows: list[Floats] = []
    for text in texts:
        row = yield from step(questions.embed, questions.aembed, text)
        rows.append(row)
    return rows
