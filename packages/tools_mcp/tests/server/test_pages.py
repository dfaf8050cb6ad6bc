"""Pages: whole lists through cursors, and cursors that are refused."""

from __future__ import annotations

import base64

import pytest
from mcp import MCPError

from racto.tools.mcp.server.pages import page_of

NAMES = [f"n{i}" for i in range(7)]


def walk(names: list[str], size: int) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        page, cursor = page_of(names, cursor, size=size, name=str)
        pages.append(page)
        if cursor is None:
            return pages


def test_pages_hold_every_entry_once() -> None:
    assert walk(NAMES, 3) == [NAMES[:3], NAMES[3:6], NAMES[6:]]
    assert walk(NAMES, 7) == [NAMES]
    assert walk([], 3) == [[]]


def test_an_entry_that_was_removed_costs_no_other() -> None:
    _, cursor = page_of(NAMES, None, size=3, name=str)
    gone = [name for name in NAMES if name != "n2"]
    assert page_of(gone, cursor, size=3, name=str)[0] == ["n3", "n4", "n5"]
    earlier = [name for name in NAMES if name != "n0"]
    assert page_of(earlier, cursor, size=3, name=str)[0] == ["n3", "n4", "n5"]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "3",
        "é",
        base64.b64encode(b'[-5,"n1"]').decode(),
        base64.b64encode(b"[" * 9999).decode(),
    ],
)
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(MCPError, match="not one of this server's"):
        page_of(NAMES, cursor, size=3, name=str)
