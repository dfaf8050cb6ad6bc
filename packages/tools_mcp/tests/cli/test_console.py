"""Lines that fit, and texts of strangers that a terminal does not obey."""

from __future__ import annotations

import io

import pytest

from racto.tools.mcp.cli.console import Console, duration, shortened, size
from racto.tools.mcp.cli.notices import Notices, bar


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_a_terminal_would_obey_is_shown_as_an_escape() -> None:
    pipe, screen = io.StringIO(), Screen()
    Console(pipe).raw("\x1b]0;pwned\x07\x1b[31m")
    Console(screen).raw("\x1b]0;pwned\x07\u202etxt.exe")
    # A file or a pipe gets what the tool said.
    assert pipe.getvalue() == "\x1b]0;pwned\x07\x1b[31m\n"
    assert screen.getvalue() == "\\x1b]0;pwned\\x07\\u202etxt.exe\n"


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    screen, pipe = Screen(), io.StringIO()
    Console(screen).say("a", style="strong")
    Console(pipe).say("a", style="strong")
    assert (screen.getvalue(), pipe.getvalue()) == ("\x1b[1ma\x1b[0m\n", "a\n")
    monkeypatch.setenv("NO_COLOR", "")
    plain = Screen()
    Console(plain).say("a", style="strong")
    assert plain.getvalue() == "a\n"


def test_a_paragraph_hangs_below_its_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    screen = Screen()
    Console(screen).wrap("one two three four five", lead="name  ", indent=2)
    assert screen.getvalue() == "  name  one two three four\n        five\n"


def test_the_progress_line_makes_room() -> None:
    screen = Screen()
    notices = Notices(screen)
    notices.progress(1, 2, "half\x1b[2J\nway")
    notices.tell("news")
    notices.clear()
    assert screen.getvalue() == (
        "\r\x1b[K[##########..........]  50%  1/2  half\\x1b[2J way\r\x1b[Knews\n"
    )


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ((3, None, "files"), "3  files"),
        ((0, 4, ""), "[....................]   0%  0/4"),
        ((9, 4, ""), "[####################] 100%  9/4"),
        ((1, -1, ""), "1"),
    ],
)
def test_bars(facts: tuple[float, float | None, str], shown: str) -> None:
    assert bar(*facts) == shown


def test_sizes_and_times() -> None:
    assert [size(999), size(12_345), size(12_345_678)] == ["999 bytes", "12.3 kB", "12.3 MB"]
    assert [duration(0.00123), duration(0.0123), duration(3.21)] == ["1.2 ms", "12 ms", "3.2 s"]
    assert shortened("abcdef", 5) == "ab..."
