"""Calibration: figures against counting by hand, recommendations, warnings, and the page."""

from __future__ import annotations

import asyncio
import math
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.cache import SemanticCache
from racto.cache.semantic import (
    CalibrationReport,
    LabelledPair,
    acalibrate,
    calibrate,
    write_plot,
)
from racto.cache.semantic.reports import make_report
from racto.core.errors import ConfigurationError, EmbeddingError, MissingExtraError
from racto.core.testing import HashEmbedder
from racto.core.testing.contracts.requests import reply_of


def turned(text: str) -> list[float]:
    """A vector at so many degrees."""
    angle = math.radians(float(text))
    return [math.cos(angle), math.sin(angle)]


def pair(degrees: float, same: bool) -> LabelledPair:
    return LabelledPair(first="0", second=str(degrees), same=same)


PAIRS = [pair(0, True), pair(10, True), pair(40, True), pair(20, False), pair(80, False)]


def test_figures_by_hand() -> None:
    report = calibrate(PAIRS, turned, [0.0, 0.7, 0.95, 1.0], precision=1.0)
    assert (report.same, report.different) == (3, 2)
    assert [(one.true_hits, one.false_hits, one.missed) for one in report.figures] == [
        (3, 2, 0),
        (3, 1, 0),
        (2, 0, 1),
        (1, 0, 2),
    ]
    second = report.at(0.7)
    assert (second.precision, second.recall, second.false_hit_rate) == (0.75, 1.0, 0.5)
    assert second.f1 == pytest.approx(2 * 0.75 / 1.75)
    assert report.recommended == 0.95
    with pytest.raises(KeyError):
        report.at(0.3)


def test_recommendation_is_what_the_cache_does() -> None:
    report = calibrate(PAIRS, turned, precision=1.0)
    assert report.recommended is not None
    cache = SemanticCache(turned, report.recommended)
    cache.put("0", reply_of())
    hits = [cache.get(one.second) is not None for one in PAIRS]
    figures = report.at(report.recommended)
    assert sum(hits) == figures.true_hits + figures.false_hits


@given(
    scores=st.lists(
        st.tuples(st.floats(-1, 1).map(lambda score: round(score, 3)), st.booleans()), min_size=2
    ).filter(lambda scores: len({same for _, same in scores}) == 2),
    cuts=st.lists(st.floats(-1, 1).map(lambda cut: round(cut, 2) + 0.0005), min_size=1, max_size=9),
)
def test_figures_against_counting(scores: list[tuple[float, bool]], cuts: list[float]) -> None:
    labels = [same for _, same in scores]
    report = make_report(
        [score for score, _ in scores], labels, cuts, precision=0.9, confidence=0.95
    )
    best = -1
    for one in report.figures:
        hits = [same for score, same in scores if score >= one.threshold]
        assert (one.true_hits, one.false_hits) == (sum(hits), len(hits) - sum(hits))
        assert one.missed == sum(labels) - sum(hits)
        assert one.precision == (sum(hits) / len(hits) if hits else None)
        assert one.precision_low <= (one.precision or 0.0) or not hits
        if one.precision is not None and one.precision >= 0.9:
            best = max(best, one.true_hits)
    if report.recommended is None:
        assert best == -1
    else:
        assert report.at(report.recommended).true_hits == best


def test_few_pairs_are_called_few() -> None:
    report = calibrate(PAIRS, turned, [0.95], precision=0.99)
    assert report.recommended == 0.95
    assert "2 hits with 0 false" in report.warnings[0]
    # z squared times p / (1 - p), by hand: 3.8415 x 99.
    assert "at least 381 hits" in report.warnings[0]


def test_enough_pairs_are_not() -> None:
    pairs = [pair(1, True)] * 400 + [pair(80, False)] * 10
    assert calibrate(pairs, turned, [0.9], precision=0.99).warnings == ()


def test_hopeless_pairs() -> None:
    report = calibrate([pair(30, True), pair(10, False)], turned, precision=0.9)
    assert report.recommended is None
    assert "no threshold reaches" in report.warnings[0]


def test_certainty_is_not_for_sale() -> None:
    warnings = calibrate(PAIRS, turned, [0.95], precision=1.0).warnings
    assert "no number of pairs proves" in warnings[0]


def test_both_voices_and_all_embedders_agree() -> None:
    class Batches:
        """Embeds many texts in a call."""

        dimension = 2
        calls = 0

        def embed(self, texts: Any) -> list[list[float]]:
            self.calls += 1
            return [turned(text) for text in texts]

        async def aembed(self, texts: Any) -> list[list[float]]:
            return self.embed(texts)

    batches = Batches()
    wanted = calibrate(PAIRS, turned).as_data()
    assert calibrate(PAIRS, batches).as_data() == wanted
    assert batches.calls == 1
    assert asyncio.run(acalibrate(PAIRS, batches)).as_data() == wanted
    assert asyncio.run(acalibrate(PAIRS, turned)).as_data() == wanted
    words = [LabelledPair(first="a b", second="b a", same=True), pair(3, False)]
    assert calibrate(words, HashEmbedder(16)).similarities[0] == pytest.approx(1.0)


def test_progress_reaches_the_end() -> None:
    told: list[tuple[int, int]] = []
    calibrate(PAIRS * 30, turned, progress=lambda done, total: told.append((done, total)))
    assert told == [(64, 150), (128, 150), (150, 150)]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"thresholds": []}, "thresholds"),
        ({"thresholds": [1.1]}, "thresholds"),
        ({"precision": 0.0}, "precision"),
        ({"confidence": 1.0}, "confidence"),
        ({"pairs": PAIRS[:3]}, "do not ask the same"),
        ({"pairs": []}, "that ask the same"),
    ],
)
def test_bad_settings(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        calibrate(**{"pairs": PAIRS, "embedder": turned, **settings})


def test_embedder_that_miscounts() -> None:
    class Miscounting:
        """Returns one vector whatever it is asked."""

        dimension = 2

        def embed(self, texts: Any) -> list[list[float]]:
            return [[1.0, 0.0]]

        async def aembed(self, texts: Any) -> list[list[float]]:
            return self.embed(texts)

    with pytest.raises(EmbeddingError, match="1 vectors for 5 questions"):
        calibrate(PAIRS, Miscounting())
    with pytest.raises(EmbeddingError, match="of 2 and of 3 values"):
        calibrate(PAIRS, lambda text: [1.0] * (2 if text == "0" else 3))


class TestPlot:
    """One HTML file without a network."""

    @pytest.fixture
    def report(self) -> CalibrationReport:
        return calibrate(PAIRS, turned, precision=1.0)

    def test_page_needs_nothing_else(self, report: CalibrationReport, tmp_path: Path) -> None:
        pytest.importorskip("plotly")
        file = tmp_path / "page.html"
        write_plot(report, file, title="<script>alert(1)</script>")
        page = file.read_text(encoding="utf-8")
        assert "<script src=" not in page
        assert "alert(1)</script>" not in page
        for name in ("precision", "recall", "false-hit rate", "recommended: 0.98"):
            assert name in page

    def test_unwritable_file(self, report: CalibrationReport, tmp_path: Path) -> None:
        pytest.importorskip("plotly")
        with pytest.raises(ConfigurationError, match="cannot be written"):
            write_plot(report, tmp_path / "none" / "page.html")

    def test_missing_plotly(
        self, report: CalibrationReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "plotly", None)
        with pytest.raises(MissingExtraError, match=r"racto-cache\[cli\]"):
            write_plot(report, tmp_path / "page.html")
