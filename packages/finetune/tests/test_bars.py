"""A bar is shown where somebody looks, and nothing where not."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from racto.finetune.bars import progress_bar


class Terminal:
    """Standard error of somebody who looks."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.shown = ""

    def isatty(self) -> bool:
        """Yes."""
        return True

    def write(self, text: str) -> int:
        """Keep a text."""
        self.shown += text
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


@pytest.mark.parametrize("unit", ["", "examples"])
def test_a_bar_moves_on_a_terminal(monkeypatch: pytest.MonkeyPatch, unit: str) -> None:
    terminal: Any = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar("[odd] name", unit=unit) as advance:
        assert advance is not None
        advance(1, None)
        advance(3, 10)
    assert "[odd] name" in terminal.shown


def test_nothing_is_shown_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress_bar("name") as advance:
        assert advance is None
    monkeypatch.setitem(sys.modules, "rich.console", None)
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress_bar("name") as advance:
        assert advance is None
    assert capsys.readouterr().err == ""
