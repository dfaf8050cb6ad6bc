"""WordprocessingML: what a paragraph says, which style it has, and where the notes are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
"""Namespace of Word's elements, as ElementTree writes it."""

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_CHARACTERS = {
    f"{W}tab": "\t",
    f"{W}br": "\n",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "-",
    f"{W}ptab": "\t",
}
# Deletions under review, the source of a move, and a text box's copy for old programs.
_UNSEEN = frozenset({f"{W}del", f"{W}moveFrom", f"{W}pPr", f"{W}rPr", _FALLBACK})
_NOTES = {f"{W}footnoteReference": "footnotes", f"{W}endnoteReference": "endnotes"}
_MOST_STYLES_ABOVE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """What one paragraph holds: its text, its notes as kind and id, the text boxes in it."""

    text: str
    notes: list[tuple[str, str]]
    boxes: list[Any]


def paragraph_of(element: Any, notes_before: int = 0) -> Paragraph:
    """Read a ``w:p`` element as its reviewer would see it with all changes accepted.

    Args:
        element: The element.
        notes_before: How many notes there were before; those of the paragraph count on.
    """
    parts: list[str] = []
    notes: list[tuple[str, str]] = []
    boxes: list[Any] = []
    pending = [iter(element)]
    while pending:
        child = next(pending[-1], None)
        if child is None:
            pending.pop()
        elif child.tag in (f"{W}t", f"{_MATH}t"):
            parts.append(child.text or "")
        elif child.tag in _CHARACTERS:
            parts.append(_CHARACTERS[child.tag])
        elif child.tag in _NOTES:
            notes.append((_NOTES[child.tag], child.get(f"{W}id", "")))
            parts.append(f" [note {notes_before + len(notes)}]")
        elif child.tag == f"{W}txbxContent":
            boxes.append(child)
        elif child.tag not in _UNSEEN:
            pending.append(iter(child))
    return Paragraph(text="".join(parts), notes=notes, boxes=boxes)


class WordStyles:
    """The headings and lists among the styles of a document.

    Args:
        styles: The ``w:styles`` element.
    """

    def __init__(self, styles: Any) -> None:
        self._styles = {style.get(f"{W}styleId"): style for style in styles.iter(f"{W}style")}
        self._levels: dict[str | None, int | None] = {}

    def level(self, paragraph: Any) -> int | None:
        """The heading level of a ``w:p`` element from 1 to 9; None for one that is no heading."""
        own = _value(paragraph, "pPr", "outlineLvl")
        if own is not None:
            return _heading_level(own)
        style = _value(paragraph, "pPr", "pStyle")
        if style not in self._levels:
            self._levels[style] = self._level_of(style)
        return self._levels[style]

    def list_depth(self, paragraph: Any) -> int | None:
        """How deep in a list a ``w:p`` element is, 0 for the outermost; None outside of lists."""
        depth = _value(paragraph, "pPr", "numPr", "ilvl")
        if _value(paragraph, "pPr", "numPr", "numId") not in (None, "0"):
            return min(int(depth), 8) if depth and depth.isdecimal() else 0
        style = self._styles.get(_value(paragraph, "pPr", "pStyle"))
        name = (_value(style, "name") or "") if style is not None else ""
        return 0 if name.lower().startswith(("list bullet", "list number")) else None

    def _level_of(self, style_id: str | None) -> int | None:
        for _ in range(_MOST_STYLES_ABOVE):
            style = self._styles.get(style_id)
            if style is None:
                return None
            name = (_value(style, "name") or "").lower()
            if name == "title":
                return 1
            if name.startswith("heading ") and name[8:].isdecimal():
                return max(1, min(int(name[8:10]), 9))
            outline = _value(style, "pPr", "outlineLvl")
            if outline is not None:
                return _heading_level(outline)
            style_id = _value(style, "basedOn")
        return None


def notes_of(part: Any, parse: Callable[[bytes], Any]) -> dict[tuple[str, str], str]:
    """The texts of a document's footnotes and endnotes by kind and id.

    Args:
        part: The main part of the package.
        parse: Turns the bytes of a part into its root element.
    """
    texts: dict[tuple[str, str], str] = {}
    for relation in part.rels.values():
        kind = relation.reltype.rpartition("/")[2]
        if kind in _NOTES.values() and not relation.is_external:
            for note in parse(relation.target_part.blob):
                paragraphs = (paragraph_of(each).text for each in note.iter(f"{W}p"))
                texts[kind, note.get(f"{W}id", "")] = "\n".join(paragraphs).strip()
    return texts


def _heading_level(outline: str) -> int | None:
    # Word counts from 0, and 9 stands for the text under headings.
    return int(outline) + 1 if outline.isdecimal() and int(outline) < 9 else None


def _value(element: Any, *path: str) -> str | None:
    """The ``w:val`` of the element at a path of child names."""
    for name in path:
        element = element.find(f"{W}{name}")
        if element is None:
            return None
    value: str | None = element.get(f"{W}val")
    return value
