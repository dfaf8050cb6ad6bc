"""The plot is one file that needs no network, and strangers' ids are only text in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from racto.core.errors import ConfigurationError
from racto.rag.evaluation import EvaluationReport, QueryScores, write_plot


def report(name: str, key: str) -> EvaluationReport:
    scores = QueryScores(
        query_id=key, ndcg_at_10=0.5, recall_at_100=1.0, mrr_at_10=0.5, average_precision=0.25
    )
    return EvaluationReport(retriever=name, queries=(scores,))


def test_a_page(tmp_path: Path) -> None:
    file = tmp_path / "plot.html"
    evil = "</script><script>alert(1)</script>"
    write_plot([report("bm25", evil), report("vector", "q2")], file, title=f"cranfield {evil}")
    page = file.read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert "nDCG@10 of each query" in page
    assert 'src="http' not in page


def test_what_cannot_be_drawn(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no report"):
        write_plot([], tmp_path / "plot.html")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_plot([report("bm25", "q")], tmp_path / "nowhere" / "plot.html")
