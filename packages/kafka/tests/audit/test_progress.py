"""Progress shows on standard error and changes nothing about what passes."""

from __future__ import annotations

import io
import sys

import pytest

from racto.kafka.audit import progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [io.StringIO, _Terminal])
def test_everything_passes(monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO]) -> None:
    monkeypatch.setattr(sys, "stderr", stream())
    assert list(progress.watched(range(1200), total=1200)) == list(range(1200))


def test_logs_get_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 0.0)
    assert len(list(progress.watched(range(1200), total=None))) == 1200
    assert capsys.readouterr().err == "  500 events\n  1000 events\n"
