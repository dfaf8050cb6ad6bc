"""Bare numpy and bm25s: row numbers of a matrix and of a table of scores, both in memory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import bm25s
import numpy as np
import Stemmer
from index_texts import passages, questions, typical, vectors

_DEPTH = 100


def ask(rows: int, mode: str, clock: str) -> Callable[[], float]:
    """The median of 300 questions: the hundred best by words, by vectors, or of both by their mean scaled scores."""
    texts = passages(rows)
    asked = questions(texts)
    stemmer = Stemmer.Stemmer("english")
    index = bm25s.BM25(k1=1.5, b=0.75)
    index.index(
        bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False),
        show_progress=False,
    )
    matrix, ready = vectors(rows), vectors(300, seed=1)

    def words(question: str) -> tuple[np.ndarray, np.ndarray]:
        tokens = bm25s.tokenize(
            [question], stopwords="en", stemmer=stemmer, return_ids=False, show_progress=False
        )
        # A question of stop words alone has no list of its own.
        return _best(index.get_scores(tokens[0]) if any(tokens) else np.zeros(rows))

    def meaning(number: int) -> tuple[np.ndarray, np.ndarray]:
        return _best(matrix @ ready[number])

    def once(number: int) -> None:
        if mode == "keywords":
            words(asked[number])
        else:
            _merged(words(asked[number]), meaning(number))

    return lambda: typical([partial(once, number) for number in range(len(asked))], clock)


def _best(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = np.argpartition(scores, len(scores) - _DEPTH)[len(scores) - _DEPTH :]
    rows = rows[np.argsort(-scores[rows])]
    return rows, scores[rows]


def _merged(*lists: tuple[np.ndarray, np.ndarray]) -> list[int]:
    sums: dict[int, float] = {}
    for rows, scores in lists:
        scaled = (scores - scores[-1]) / max(scores[0] - scores[-1], 1e-9)
        for row, score in zip(rows.tolist(), scaled.tolist(), strict=True):
            sums[row] = sums.get(row, 0.0) + score
    return sorted(sums, key=sums.__getitem__, reverse=True)[:5]
