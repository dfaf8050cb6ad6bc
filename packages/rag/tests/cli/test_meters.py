"""The meter is one moving line for people and quiet in logs."""

from __future__ import annotations

import io
import sys

import pytest

from racto.rag.cli import meters


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(meters, "_SECONDS_IN_A_TERMINAL", 0.0)
    with meters.metered() as tell:
        tell("documents", 5, None)
        tell("queries", 5, 10)
    written = terminal.getvalue()
    assert "  5 documents" in written
    assert "  5/10 queries [==========          ]" in written
    assert written.endswith("\r\x1b[K")


def test_in_logs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with meters.metered() as tell:
        tell("documents", 1, None)
    monkeypatch.setattr(meters, "_SECONDS_IN_LOGS", 0.0)
    with meters.metered() as tell:
        tell("queries", 1, 2)
    assert capsys.readouterr().err == "  1/2 queries\n"
