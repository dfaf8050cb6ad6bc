"""bm25s at its best tokenisation: English stop words, and stems by Snowball."""

from __future__ import annotations

from collections.abc import Callable

import bm25s
import Stemmer
from quality_collection import MEASURES, collection


def words(measure: str) -> Callable[[], float]:
    """BM25 with k1 = 1.5 and b = 0.75, the 100 best documents."""
    judged = collection()
    stemmer = Stemmer.Stemmer("english")
    keys = list(judged.documents)
    index = bm25s.BM25(k1=1.5, b=0.75)
    tokens = bm25s.tokenize(
        list(judged.documents.values()), stopwords="en", stemmer=stemmer, show_progress=False
    )
    index.index(tokens, show_progress=False)

    def once() -> float:
        asked = bm25s.tokenize(
            list(judged.queries.values()), stopwords="en", stemmer=stemmer, show_progress=False
        )
        found, _ = index.retrieve(asked, k=min(100, len(keys)), show_progress=False)
        rankings = {
            key: [keys[place] for place in row]
            for key, row in zip(judged.queries, found.tolist(), strict=True)
        }
        return MEASURES[measure](rankings, judged)

    return once
