"""Summaries, histograms and estimates: figures that can be checked by hand."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from racto.core import RactoFile
from racto.core.errors import ConfigurationError
from racto.finetune import RactoDataset, RactoTrainingExample
from racto.finetune.estimates import auto_epochs
from racto.finetune.histograms import bins_of, drawn
from racto.finetune.summaries import quantile


def dataset() -> RactoDataset:
    made = RactoDataset.from_pairs((("q" * n, "a") for n in range(1, 101)), system="s")
    picture = RactoFile(b"x", "image/png")
    made.add(RactoTrainingExample.from_pair("q", "a", user_attachments=[picture]))
    made.add(RactoTrainingExample.from_preference("q", chosen="g", rejected="b"))
    tools = [{"name": "f"}]
    return made.add(RactoTrainingExample.from_pair("q", "a").replace(tools=tools, extra={"id": 1}))


def test_a_summary() -> None:
    summary = dataset().summary(count_tokens=len)
    assert summary.examples == 103
    assert summary.kinds == {"chat": 102, "preference": 1}
    assert summary.roles == {"system": 100, "user": 103, "assistant": 104}
    assert (summary.with_system, summary.with_tools) == (100, 1)
    assert (summary.media, summary.fields) == ({"image": 1}, {"id": 1})
    assert summary.turns == {2: 2, 3: 101}
    assert summary.token_quantiles["p50"] == 64
    told = str(summary)
    assert told.startswith("103 examples (102 chat, 1 preference)\n")
    assert "media: 1 image" in told
    assert "█" in told
    data = json.loads(json.dumps(summary.as_data()))
    assert data["turns"] == {"2": 2, "3": 101}
    assert data["total_tokens"] == summary.total_tokens


def test_a_summary_of_nothing() -> None:
    summary = RactoDataset().summary()
    assert (summary.examples, summary.token_quantiles["max"]) == (0, 0)
    assert str(summary).startswith("0 examples (none)")


def test_a_plot(tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    dataset().summary().plot(tmp_path / "a.html", title="<a & b>")
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "Tokens of an example" in page
    with pytest.raises(ConfigurationError, match="there already"):
        dataset().summary().plot(tmp_path / "a.html")


@given(st.dictionaries(st.integers(0, 10**6), st.integers(1, 50), max_size=30))
def test_bins_hold_everything(counts: dict[int, int]) -> None:
    bins = bins_of(counts)
    assert sum(each.count for each in bins) == sum(counts.values())
    assert len(bins) <= 13
    for before, after in pairwise(bins):
        assert before.high == after.low
    if counts:
        assert bins[0].low <= min(counts)
        assert max(counts) < bins[-1].high


def test_bars() -> None:
    assert drawn(bins_of({0: 8, 1: 4, 2: 1}), width=4).splitlines() == [
        "0–0 │████ 8",
        "1–1 │██   4",
        "2–2 │▌    1",
    ]
    assert drawn([]) == ""


def test_quantiles() -> None:
    counts = {1: 1, 2: 1, 3: 2}
    assert [quantile(counts, share) for share in (0, 0.25, 0.5, 0.75, 1)] == [1, 1, 2, 3, 3]


def test_an_estimate() -> None:
    pairs = RactoDataset.from_pairs([("qq", "a")] * 50)
    estimate = pairs.estimate(price=10, epochs=2, count_tokens=len)
    assert estimate.tokens == 50 * 12
    assert estimate.trained_tokens == 1_200
    assert estimate.cost == pytest.approx(0.012)
    assert (estimate.counted, estimate.too_long) == (True, 0)
    cut = pairs.estimate(max_tokens=5)
    assert (cut.tokens, cut.too_long, cut.epochs, cut.cost, cut.counted) == (
        250,
        50,
        3,
        None,
        False,
    )
    assert str(cut) == (
        "50 examples, 250 tokens (estimated), 3 epochs: 750 tokens to train; "
        "50 examples are too long"
    )
    for wrong in ({"price": -1}, {"epochs": 0}):
        with pytest.raises(ConfigurationError, match="or more"):
            pairs.estimate(**wrong)


@pytest.mark.parametrize(
    ("examples", "epochs"), [(0, 3), (1, 25), (10, 10), (30, 4), (34, 3), (8_333, 3), (20_000, 1), (10**6, 1)], ids=str
)  # fmt: skip
def test_epochs(examples: int, epochs: int) -> None:
    assert auto_epochs(examples) == epochs
