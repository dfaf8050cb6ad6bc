"""Progress: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys

import pytest

from racto.batch.jobs import BatchJobInfo, BatchStatus, RequestCounts
from racto.batch.progress import Progress


def info(done: int, failed: int = 0) -> BatchJobInfo:
    counts = RequestCounts(total=5, succeeded=done, failed=failed)
    status = BatchStatus.IN_PROGRESS
    return BatchJobInfo(job_id="j", provider="p", status=status, counts=counts, request_count=5)


def test_a_line_for_each_change(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress() as progress:
        for one in (info(0), info(0), info(3, failed=1)):
            progress.show(one)
    assert capsys.readouterr().err.splitlines() == [
        "in_progress: 0 of 5 done",
        "in_progress: 4 of 5 done, 1 failed",
    ]


def test_a_bar_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with Progress() as progress:
        progress.show(info(3))
        progress.show(info(5))
    assert "5/5" in capsys.readouterr().err
