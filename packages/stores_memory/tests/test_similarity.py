"""Keys rank as scores do, and scores are the textbook's."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from racto.core.errors import ConfigurationError
from racto.stores.memory import Similarity
from racto.stores.memory.similarity import checked, prepared, scores, slack, terms, to_keys
from racto.stores.memory.vectors import lengths_of

SIMILARITIES = get_args(Similarity)
CHANCE = np.random.default_rng(3)
ROWS = CHANCE.standard_normal((40, 6), dtype=np.float32) * 3
QUERIES = CHANCE.standard_normal((5, 6), dtype=np.float32)


def test_unknown_similarity_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="cosine, dot, euclidean"):
        checked("manhattan")


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_keys_rank_as_scores_do(similarity: Similarity) -> None:
    keys = ROWS @ prepared(similarity, QUERIES).T
    to_keys(similarity, keys, terms(similarity, lengths_of(ROWS)))
    for at, query in enumerate(QUERIES):
        exact = scores(similarity, ROWS, np.broadcast_to(query, ROWS.shape))
        assert np.argsort(-keys[:, at]).tolist() == np.argsort(-exact).tolist()


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_keys_are_within_the_slack(similarity: Similarity) -> None:
    ready = prepared(similarity, QUERIES)
    keys = ROWS @ ready.T
    to_keys(similarity, keys, terms(similarity, lengths_of(ROWS)))
    rows, queries = ROWS.astype(np.float64), ready.astype(np.float64)
    exact = rows @ queries.T
    lengths = np.linalg.norm(rows, axis=1)[:, None]
    if similarity == "cosine":
        exact = exact / lengths
    elif similarity == "euclidean":
        exact = exact - lengths**2 / 2
    allowed = slack(similarity, ready, float(lengths.max()))
    assert (np.abs(keys - exact) <= allowed).all()
    assert (allowed < 1e-3).all()


def test_scores_by_hand() -> None:
    one = np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32)
    two = np.array([[6.0, 8.0], [1.0, 0.0]], dtype=np.float32)
    assert scores("cosine", one, two).tolist() == [1.0, 0.0]
    assert scores("dot", one, two).tolist() == [50.0, 0.0]
    assert scores("euclidean", one, two).tolist() == [-5.0, -1.0]


def test_vectors_without_a_direction_score_zero_and_not_nan() -> None:
    tiny = np.array([[0.0, 0.0], [1e-38, 0.0]], dtype=np.float32)
    assert terms("cosine", lengths_of(tiny)).tolist() == [0.0, 0.0]
    assert prepared("cosine", tiny[:1]).tolist() == [[0.0, 0.0]]


def test_cosine_never_leaves_its_range() -> None:
    row = np.full((1, 7), 0.1, dtype=np.float32)
    assert scores("cosine", row, row)[0] <= 1.0
