"""The layout of a page as plain text: blocks on lines of their own, headings known by offset."""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Any, Protocol

from racto.core.documents import Section

SPACE, TAB, LINE, PARAGRAPH = 1, 2, 3, 4
_GAPS = ("", " ", "\t", "\n", "\n\n")
# How far apart an element keeps from its neighbours; elements that are not here flow on.
_PARAGRAPHS = """
    address article aside blockquote details dl fieldset figure footer form h1 h2 h3 h4 h5 h6
    header hr main nav ol p pre section table ul
"""
_LINES = """
    body br caption dd div dt figcaption legend li option summary tbody textarea tfoot thead tr
"""
_APART = {
    **dict.fromkeys(_PARAGRAPHS.split(), PARAGRAPH),
    **dict.fromkeys(_LINES.split(), LINE),
    **dict.fromkeys(["td", "th"], TAB),
}
_UNSEEN = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "head", "title"})
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_KEPT = frozenset({"pre", "textarea", "listing"})
_WHITE = re.compile(r"[ \t\n\r\f]+")


class Element(Protocol):
    """What the layout asks of a node of a parsed page."""

    @property
    def tag(self) -> str | None:
        """Name of the element; ``-text`` for text."""
        ...

    @property
    def text_content(self) -> str | None:
        """The text of a text node."""
        ...

    @property
    def mem_id(self) -> int:
        """What tells two nodes apart; comparing them compares all they hold."""
        ...

    @property
    def child(self) -> Any:
        """The first child, text included."""
        ...

    @property
    def next(self) -> Any:
        """The next sibling, text included."""
        ...

    @property
    def parent(self) -> Any:
        """The element around it."""
        ...


def lay_out(element: Element, skipped: Set[int] = frozenset()) -> tuple[str, list[Section]]:
    """Write the text of an element as a reader would see it, without styles.

    Args:
        element: The element; deep nesting costs no stack.
        skipped: ``mem_id`` of elements to leave out with all they hold.

    Returns:
        The text, which ends with a visible character, and its headings by offset.
    """
    layout = _Layout()
    top = element.mem_id
    node: Any = element
    while True:
        tag = node.tag
        if tag == "-text":
            layout.write(node.text_content)
        elif tag not in _UNSEEN and not (skipped and node.mem_id in skipped):
            layout.open(tag)
            if (child := node.child) is not None:
                node = child
                continue
            layout.close(tag)
        while node.mem_id != top and (sibling := node.next) is None:
            node = node.parent
            layout.close(node.tag)
        if node.mem_id == top:
            return layout.finish()
        node = sibling


class _Layout:
    """What was written so far, the white space owed before the next text, and the headings."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._gap = 0
        self._kept = 0
        self._sections: list[Section] = []
        self._heading: tuple[int, int] | None = None

    def finish(self) -> tuple[str, list[Section]]:
        return "".join(self._parts).rstrip(), self._sections

    def open(self, tag: str) -> None:
        self._gap = max(self._gap, _APART.get(tag, 0))
        if tag in _KEPT:
            self._kept += 1
        elif tag in _LEVELS:
            self._heading = (len(self._parts), _LEVELS[tag])

    def close(self, tag: str) -> None:
        self._gap = max(self._gap, _APART.get(tag, 0))
        if tag in _KEPT:
            self._kept -= 1
        elif tag in _LEVELS and self._heading is not None:
            self._end_heading(*self._heading)

    def write(self, text: str) -> None:
        if self._kept:
            self._append(text.rstrip("\n") if text.endswith("\n") else text)
            return
        flat = _WHITE.sub(" ", text)
        if flat.startswith(" "):
            self._gap = self._gap or SPACE
        if body := flat.strip(" "):
            self._append(body)
            if flat.endswith(" "):
                self._gap = SPACE

    def _append(self, text: str) -> None:
        if self._length:
            text = _GAPS[self._gap] + text
        self._gap = 0
        self._parts.append(text)
        self._length += len(text)

    def _end_heading(self, first: int, level: int) -> None:
        self._heading = None
        written = "".join(self._parts[first:])
        title = written.lstrip()
        if title:
            start = self._length - len(title)
            self._sections.append(Section(start=start, title=" ".join(title.split()), level=level))
