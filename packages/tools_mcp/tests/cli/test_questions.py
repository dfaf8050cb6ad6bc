"""At a terminal: a form is filled in, refused or left, progress is seen, Ctrl-C ends at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")

Start = Callable[..., Any]


def test_a_form_is_filled_in(terminal: Start, demo_url: str) -> None:
    shown = terminal("call", demo_url, "order")
    asked = shown.wait_for("number of a choice: $")
    assert "asks: What would you like?" in asked
    assert "    1) tea\n    2) coffee\n    3) water\n" in asked
    shown.type("beer\n")
    assert "'beer' is none of the choices" in shown.wait_for("number of a choice: $")
    shown.type("coffee\n")
    shown.wait_for("Enter takes 1: $")
    shown.type("12\n")
    assert "should be at most 9" in shown.wait_for("Enter takes 1: $")
    shown.type("\n")
    shown.wait_for("text: $")
    shown.type("Ann\n")
    assert '{"drink": "coffee", "cups": 1, "name": "Ann"}' in shown.wait_for(r"\[yes\]: $")
    shown.type("again\n")
    shown.wait_for("number of a choice: $")
    shown.type("1\n")
    shown.wait_for("Enter takes 1: $")
    shown.type("2\n")
    shown.wait_for("text: $")
    shown.type("Bo\n")
    shown.wait_for(r"\[yes\]: $")
    shown.type("\n")
    assert shown.end() == 0
    assert shown.shown.endswith("2 x tea for Bo\n")


@pytest.mark.parametrize(
    ("typed", "action"), [(":decline\n", "decline"), (":cancel\n", "cancel"), ("\x04", "cancel")]
)
def test_a_form_is_refused(terminal: Start, demo_url: str, typed: str, action: str) -> None:
    shown = terminal("call", demo_url, "order")
    shown.wait_for("number of a choice: $")
    shown.type(typed)
    assert shown.end() == 0
    assert shown.shown.endswith(f"No order ({action}).\n")


def test_ctrl_c_at_a_question(terminal: Start, demo_url: str) -> None:
    shown = terminal("call", demo_url, "order")
    shown.wait_for("number of a choice: $")
    shown.type("\x03")
    assert shown.end() == 130
    assert "interrupted" in shown.shown
    assert "Traceback" not in shown.shown


def test_a_server_of_the_sdk_asks_over_stdio(terminal: Start, sdk_command: list[str]) -> None:
    shown = terminal("call", "ask", "--protocol", "handshake", *sdk_command)
    shown.wait_for("text: $")
    shown.type("Oslo\n")
    shown.wait_for("whole number: $")
    shown.type("3\n")
    shown.wait_for(r"\[yes\]: $")
    shown.type("yes\n")
    assert shown.end() == 0
    assert "accept place='Oslo' nights=3" in shown.shown


def test_progress_is_a_line_that_goes_away(terminal: Start, demo_url: str) -> None:
    shown = terminal("call", demo_url, "count", "to=3")
    assert shown.end() == 0
    assert "\r\x1b[K[#######.............]  33%  1/3  counted 1" in shown.shown
    assert shown.shown.endswith("\r\x1b[Kcounted to 3\n")
    widest = max(len(piece) for piece in shown.shown.split("\x1b[K"))
    assert widest <= 81
