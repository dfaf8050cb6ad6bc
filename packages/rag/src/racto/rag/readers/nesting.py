"""How deep the elements of a page nest, found before a parser takes time for each level.

A parser walks up through the open elements at every block it meets: a page of 200 KB that opens
elements without end takes seconds, one of 2 MB minutes.
"""

from __future__ import annotations

import re

from racto.core.errors import ReadError

DEEPEST = 1_000
"""Most elements within each other; browsers flatten pages at 512."""

_TAG = re.compile(r"<(/?[a-zA-Z][^\s/>]*)")
# Elements that hold nothing, or end where the next of their kind begins.
_FLAT_NAMES = """
    area base br col embed hr img input link meta param source track wbr p li dt dd tr td th
    thead tbody tfoot option optgroup rp rt colgroup
"""
_SHAPE_NAMES = """
    path circle ellipse line polygon polyline rect use stop image animate set mpath
    fegaussianblur feoffset feblend fecolormatrix feflood femergenode feimage
"""
# An end tag within one of these does not end what was opened outside of it.
_BARRIER_NAMES = "table object marquee applet template svg math foreignobject"
_FLAT, _SHAPES, _BARRIERS = (
    frozenset(names.split()) for names in (_FLAT_NAMES, _SHAPE_NAMES, _BARRIER_NAMES)
)


def require_shallow(html: str, source: str) -> None:
    """Refuse a page whose elements nest too deep, in time linear in its length.

    Args:
        html: Markup, sound or not.
        source: Label of the document, for messages.

    Raises:
        ReadError: If more than :data:`DEEPEST` elements are open at once.
    """
    if html.count("<") <= DEEPEST:
        return
    opened: list[str] = []
    counts: dict[str, int] = {}
    for tag in _TAG.findall(html.lower()):
        if tag in _FLAT:
            continue
        if tag[0] == "/":
            _close(tag[1:], opened, counts)
        elif tag not in _SHAPES or not _is_drawing(counts):
            opened.append(tag)
            counts[tag] = counts.get(tag, 0) + 1
            if len(opened) > DEEPEST:
                raise ReadError(
                    f"{source} nests more than {DEEPEST:,} elements in each other, which no "
                    "page for readers does",
                    source=source,
                )


def _close(name: str, opened: list[str], counts: dict[str, int]) -> None:
    """End the innermost element of a name and what is open in it, as a parser does."""
    if not counts.get(name):
        return
    while opened and (opened[-1] == name or opened[-1] not in _BARRIERS):
        last = opened.pop()
        counts[last] -= 1
        if last == name:
            return


def _is_drawing(counts: dict[str, int]) -> bool:
    return bool(counts.get("svg")) and not counts.get("foreignobject") and not counts.get("desc")
