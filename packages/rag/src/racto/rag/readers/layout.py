"""The layout of a page as plain text: blocks on lines of their own, headings known by offset.

All work is done by a handful of passes of the regular expression and string engines over the whole
page, none of which costs more for a page made to cost more. Between the passes control characters,
which no page may hold, stand for what is still to be decided.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import repeat

from racto.core.documents import Section

# How far apart an element keeps from its neighbours; elements that are not here flow on.
_TAB, _LINE, _PARAGRAPH = "\x02", "\x03", "\x04"
_PARAGRAPHS = """
    address article aside blockquote details dl fieldset figure footer form
    header hr main nav ol p pre section table ul
"""
_LINES = """
    body br caption dd div dt figcaption legend li option summary tbody textarea tfoot thead tr
"""
_FLOWING = "a abbr b code em font i img input label small span strong sub sup u"
# A heading's level is a digit behind the mark that begins it.
_HEADING, _HEADING_END = "\x0e", "\x05"
# White space that must stay: line end, space and tab of preformatted text.
_KEPT = {"\n": "\x06", " ": "\x07", "\t": "\x08"}
_WRITTEN = (
    (_PARAGRAPH, "\n\n"),
    (_LINE, "\n"),
    (_TAB, "\t"),
    *((mark, character) for character, mark in _KEPT.items()),
)
_KEPT_TABLE = str.maketrans(_KEPT)

_CONTROLS = [chr(code) for code in (*range(9), *range(14, 32))]
_WITHOUT_CONTROLS = str.maketrans(dict.fromkeys(_CONTROLS))
_PREFORMATTED = frozenset({"pre", "textarea", "listing"})
_PREFORMATTED_ENDS = frozenset({"/pre", "/textarea", "/listing"})
# As a serializer writes them: quotes are double ones, and there is none within a value.
_TAG = re.compile(r"""<(?:(/?[a-z][^\s/>]*+)[^">]*+(?:"[^"]*+"[^">]*+)*+>|!--(?s:.*?)-->)""")
_BLANK_HEADING = re.compile(f"{_HEADING}[1-6][ \x02-\x04]*+{_HEADING_END}")
_HEADING_START = re.compile(f"({_HEADING}[1-6])[ \x02-\x04]++")
_BEGINNING = re.compile(rf"\A(?:{_HEADING}[1-6]|[{_HEADING_END}\s])+")


class _Marks(dict[str, str]):
    """What a tag becomes, by its name with the slash of an end tag; nothing for unknown ones."""

    def __missing__(self, tag: str) -> str:
        return ""


def _marks() -> _Marks:
    marks = _Marks()
    for names, mark in (
        (_PARAGRAPHS, _PARAGRAPH),
        (_LINES, _LINE),
        ("td th", _TAB),
        (_FLOWING, ""),
    ):
        marks.update(dict.fromkeys(names.split(), mark))
        marks.update(dict.fromkeys((f"/{name}" for name in names.split()), mark))
    for level in range(1, 7):
        marks[f"h{level}"] = f"{_PARAGRAPH}{_HEADING}{level}"
        marks[f"/h{level}"] = _HEADING_END + _PARAGRAPH
    return marks


_MARKS = _marks()


def lay_out(markup: str) -> tuple[str, list[Section]]:
    """Write the text of a page as a reader would see it, without styles.

    Args:
        markup: HTML as a parser's serializer writes it, without scripts and whatever else is
            not to be read.

    Returns:
        The text, which begins and ends with a visible character, and its headings by offset.
    """
    text = markup
    # To look for each is a tenth of the time of one pass over all characters.
    if any(map(text.__contains__, _CONTROLS)):
        text = text.translate(_WITHOUT_CONTROLS)
    parts = _TAG.split(text)
    if not _PREFORMATTED.isdisjoint(parts[1::2]):
        _keep_white_space(parts)
    parts[1::2] = map(_MARKS.__getitem__, parts[1::2])
    text = _close_up("".join(parts))
    if _HEADING_END in text:
        text = _close_up_headings(text)
    for mark, inner in ((_PARAGRAPH, " \x02\x03"), (_LINE, " \x02"), (_TAB, " ")):
        text = mark.join(_stripped(text.split(mark), inner))
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\xa0"), ("&amp;", "&")):
        text = text.replace(entity, character)
    for mark, character in _WRITTEN:
        text = text.replace(mark, character)
    # A heading may begin with preformatted white space.
    return _without_headings(_BEGINNING.sub(lambda found: "".join(found[0].split()), text))


def _keep_white_space(parts: list[str]) -> None:
    """Mark the white space between the tags of preformatted elements, in place."""
    depth = 0
    for place in range(1, len(parts), 2):
        tag = parts[place]
        if tag in _PREFORMATTED:
            depth += 1
        elif tag in _PREFORMATTED_ENDS:
            depth -= 1
            parts[place - 1] = parts[place - 1].rstrip(_KEPT["\n"])
        if depth:
            parts[place + 1] = parts[place + 1].translate(_KEPT_TABLE)


def _close_up(text: str) -> str:
    """The text with each run of white space as one space."""
    for white in "\n\t\r\f":
        text = text.replace(white, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def _stripped(parts: Iterable[str], characters: str) -> Iterable[str]:
    return filter(None, map(str.strip, parts, repeat(characters)))


def _close_up_headings(text: str) -> str:
    text = _BLANK_HEADING.sub("", text)
    text = _HEADING_START.sub(r"\1", text)
    # A block or two at the end of a heading is usual; more of them only cost an empty line.
    for mark in (" ", _LINE, _PARAGRAPH, _LINE, " "):
        text = text.replace(mark + _HEADING_END, _HEADING_END)
    return text


def _without_headings(text: str) -> tuple[str, list[Section]]:
    """The text without the marks of headings, and what they marked."""
    before, *pieces = text.split(_HEADING)
    parts, sections = [before.replace(_HEADING_END, "")], []
    length = len(parts[0])
    for piece in pieces:
        # One heading within another leaves two ends to the inner one.
        part = piece[1:].replace(_HEADING_END, "")
        if title := " ".join(piece[1:].partition(_HEADING_END)[0].split()):
            sections.append(Section(start=length, title=title, level=int(piece[0])))
        parts.append(part)
        length += len(part)
    return "".join(parts).rstrip(), sections
