"""Fusion: what the formulas say, whatever order rankings come in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core import Engine
from racto.core.errors import ConfigurationError
from racto.core.testing import EngineContract
from racto.retrieval.server.engines import RRF, MaxP, ScoreFusion

RANKINGS = st.lists(
    st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-1e6, 1e6), max_size=8), max_size=4
)


class TestRRF(EngineContract):
    """RRF keeps the contract of engines."""

    @pytest.fixture
    def engine(self) -> Engine:
        return RRF()


class TestScoreFusion(EngineContract):
    """ScoreFusion keeps the contract of engines."""

    @pytest.fixture
    def engine(self) -> Engine:
        return ScoreFusion()


@given(RANKINGS, st.integers(0, 100))
def test_rrf_is_its_formula(rankings: list[dict[str, float]], k: int) -> None:
    expected: dict[str, float] = {}
    for ranking in rankings:
        for at, key in enumerate(sorted(ranking, key=lambda key: -ranking[key])):
            expected[key] = expected.get(key, 0) + 1 / (k + at + 1)
    (fused,) = RRF().fuse_batch(["q"], [rankings], rrf_k=k)
    assert fused == pytest.approx(expected)
    assert list(fused.values()) == sorted(fused.values(), reverse=True)


def test_the_default_k_is_routirs_and_60_can_be_set() -> None:
    rankings = [{"a": 3.0, "b": 1.0}, {"b": 2.0}]
    assert RRF().fuse_batch(["q"], [rankings]) == [{"b": 1.5, "a": 1.0}]
    (fused,) = RRF(config={"rrf_k": 60}).fuse_batch(["q"], [rankings])
    assert fused["b"] == pytest.approx(1 / 61 + 1 / 62)


@given(RANKINGS)
def test_plain_sums_are_sums(rankings: list[dict[str, float]]) -> None:
    expected: dict[str, float] = {}
    for ranking in rankings:
        for key, score in ranking.items():
            expected[key] = expected.get(key, 0.0) + score
    (fused,) = ScoreFusion().fuse_batch(["q"], [rankings])
    assert fused == pytest.approx(expected)


def test_scales_make_rankings_comparable() -> None:
    bm25, dense = {"a": 30.0, "b": 20.0, "c": 10.0}, {"b": 0.9, "c": 0.1}
    (fused,) = ScoreFusion().fuse_batch(["q"], [[bm25, dense]], normalize="minmax")
    assert fused == {"b": 1.5, "a": 1.0, "c": 0.0}
    (fused,) = ScoreFusion().fuse_batch(
        ["q"], [[bm25, dense]], normalize="minmax", weights=[1, 0.25]
    )
    assert fused == {"a": 1.0, "b": 0.75, "c": 0.0}
    (scored,) = ScoreFusion().fuse_batch(["q"], [[bm25, dense]], normalize="zscore")
    # "a" is not in the second ranking: that counts as its lowest, not as its average.
    assert scored["a"] == pytest.approx(1.2247448 - 1)
    assert list(scored) == ["b", "a", "c"]


def test_equal_scores_and_empty_rankings_are_no_trouble() -> None:
    for normalize in ("none", "minmax", "zscore"):
        assert ScoreFusion().fuse_batch(["q"], [[{}]], normalize=normalize) == [{}]
        (fused,) = ScoreFusion().fuse_batch(["q"], [[{"a": 2.0, "b": 2.0}]], normalize=normalize)
        assert list(fused) == ["a", "b"]


@given(RANKINGS, st.integers(1, 9))
def test_a_limit_is_the_head_of_all(rankings: list[dict[str, float]], limit: int) -> None:
    (whole,) = RRF().fuse_batch(["q"], [rankings])
    (head,) = RRF().fuse_batch(["q"], [rankings], limit=limit)
    assert list(head.items()) == list(whole.items())[:limit]


def test_passages_become_documents_by_their_best() -> None:
    passages = {"d1#0": 0.2, "d1#1": 0.9, "d2#0": 0.5, "plain": 0.1}
    assert MaxP().fuse_batch(["q"], [[passages]]) == [{"d1": 0.9, "d2": 0.5, "plain": 0.1}]
    mapped = MaxP(config={"mapping": {"d2#0": "other"}}).fuse_batch(["q"], [[passages]])
    assert mapped == [{"d1": 0.9, "other": 0.5, "plain": 0.1}]


@pytest.mark.parametrize(
    ("engine", "options"),
    [
        (RRF, {"rrf_k": -1}),
        (RRF, {"rrf_k": "60"}),
        (RRF, {"rrf_k": True}),
        (ScoreFusion, {"normalize": "softmax"}),
        (ScoreFusion, {"weights": [1]}),
        (ScoreFusion, {"weights": [1, float("nan")]}),
    ],
    ids=str,
)
def test_wrong_options_are_named(engine: Any, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        engine().fuse_batch(["q"], [[{"a": 1.0}, {"a": 2.0}]], **options)
