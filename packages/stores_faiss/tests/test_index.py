"""Indexes of each kind find rows by number, among those that are allowed, and never too few."""

from __future__ import annotations

import numpy as np
import pytest

from racto.stores.faiss.index import FaissIndex
from racto.stores.faiss.kinds import kind_of

ROWS, WIDTH = 5000, 16


def matrix(rows: int, seed: int = 0) -> np.ndarray:
    found = np.random.default_rng(seed).standard_normal((rows, WIDTH)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture(scope="module", params=["flat_ip", "flat_l2", "hnsw_ip", "hnsw_l2", "ivf_ip"])
def index(request: pytest.FixtureRequest) -> FaissIndex:
    found = FaissIndex(kind_of(request.param, nlist=50, nprobe=20), WIDTH)
    for at in range(0, ROWS, 1000):
        found.add(matrix(ROWS)[at : at + 1000])
    return found


def truth(queries: np.ndarray, count: int, allowed: np.ndarray | None = None) -> np.ndarray:
    products = queries @ matrix(ROWS).T
    if allowed is not None:
        products[:, ~allowed] = -np.inf
    return np.argsort(-products, axis=1)[:, :count]


def recall(found: np.ndarray, wanted: np.ndarray) -> float:
    hits = [len(set(one) & set(two)) for one, two in zip(found, wanted, strict=True)]
    return sum(hits) / wanted.size


def test_the_nearest_are_found(index: FaissIndex) -> None:
    assert index.size == ROWS
    assert index.learned
    queries = matrix(20, seed=1)
    exact = index.kind.structure == "flat"
    assert recall(index.nearest(queries, 10, None), truth(queries, 10)) >= (1.0 if exact else 0.9)


@pytest.mark.parametrize("share", [0.001, 0.05, 0.5, 0.99])
def test_only_allowed_rows_are_found(index: FaissIndex, share: float) -> None:
    allowed = np.random.default_rng(2).random(ROWS) < share
    queries = matrix(20, seed=1)
    found = index.nearest(queries, 10, allowed)
    # As many as there are, and no others.
    assert found.shape == (20, min(10, int(allowed.sum())))
    assert allowed[found].all()
    assert recall(found, truth(queries, found.shape[1], allowed)) >= 0.9


def test_all_rows_can_be_asked_for(index: FaissIndex) -> None:
    found = index.nearest(matrix(1, seed=1), 2 * ROWS, None)
    assert sorted(found[0].tolist()) == list(range(ROWS))
    assert index.nearest(matrix(2, seed=1), 5, np.zeros(ROWS, dtype=bool)).shape == (2, 0)


def test_rows_come_back_as_they_were_put(index: FaissIndex) -> None:
    numbers = np.array([4999, 0, 7])
    assert np.array_equal(index.rows(numbers), matrix(ROWS)[numbers])


def test_a_copy_of_some_rows_is_numbered_anew(index: FaissIndex) -> None:
    kept = index.kept(np.arange(1, ROWS, 2))
    assert kept.size == ROWS // 2
    assert np.array_equal(kept.rows(np.array([0, 10])), matrix(ROWS)[[1, 21]])
    assert kept.nearest(matrix(ROWS)[[21]], 1, None).tolist() == [[10]]
    assert index.size == ROWS


def test_lists_are_learned_when_there_is_enough_to_learn_from() -> None:
    index = FaissIndex(kind_of("ivf_l2", nlist=4, nprobe=1), WIDTH)
    index.add(matrix(155))
    assert not index.learned
    index.add(matrix(1, seed=3))
    assert index.learned
    assert np.array_equal(index.rows(np.array([155])), matrix(1, seed=3))


def test_flat_rows_are_removed_in_place() -> None:
    index = FaissIndex(kind_of("flat_ip"), WIDTH)
    index.add(matrix(10))
    index.without(np.arange(10) < 3)
    assert np.array_equal(index.rows(np.arange(7)), matrix(10)[3:])
