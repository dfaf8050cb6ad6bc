"""Pages that nest without end are refused, and pages with sloppy or graphic markup are not."""

from __future__ import annotations

import pytest

from racto.core.errors import ReadError
from racto.rag.readers.nesting import DEEPEST, require_shallow

MANY = 3 * DEEPEST


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * MANY,
        "<div>" * MANY + "</div>" * MANY,
        "<div></x>" * MANY,
        "</div><div><div>" * MANY,
        "<div><table><td></div>" * MANY,
        "<svg><foreignObject>" + "<path>" * MANY,
    ],
)
def test_nesting_without_end_is_refused(html: str):
    with pytest.raises(ReadError, match="a page nests more than"):
        require_shallow(html, "a page")


@pytest.mark.parametrize(
    "html",
    [
        "<DIV>x</div>" * MANY,
        "<br>x<img src=a><p>" * MANY,
        "<ul>" + "<li>x" * MANY,
        "<div><span>x</div>" * MANY,
        '<svg><g><path d="M0 0"/></g></svg>' * MANY,
        "<svg>" + "<circle r=1 />" * MANY,
        "a < b " * MANY,
        "<div>" * DEEPEST,
    ],
)
def test_long_pages_are_not(html: str):
    require_shallow(html, "a page")
