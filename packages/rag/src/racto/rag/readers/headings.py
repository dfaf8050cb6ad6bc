"""The headings of a Markdown text, found as CommonMark finds them, with exact offsets."""

from __future__ import annotations

import re

from racto.core.documents import Section

# Possessive, so that no line is tried in more than one way.
_HASHES = re.compile(r" {0,3}(#{1,6})(?![^ \t])[ \t]*+(.*)")
_UNDERLINE = re.compile(r" {0,3}(=++|-++)[ \t]*+$")
_FENCE = re.compile(r" {0,3}(?:(?:[-*+>]|\d{1,9}[.)])[ \t]++)*+(`{3,}+|~{3,}+)(.*)")
# Quotes, list items, table rows and HTML end a paragraph, so no underline makes them a heading.
_INTERRUPTION = re.compile(r" {0,3}(?:>|[-*+](?![^ \t])|\d{1,9}[.)](?![^ \t])|\||<)")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
_ANCHOR = re.compile(r"\{[#.][^{}]*\}\s*$")
_TITLE = re.compile(r"^title:[ \t]*(.+)$", re.MULTILINE)
_MOST_FRONT_MATTER = 20_000


def front_matter(text: str) -> tuple[int, str | None]:
    """Find the YAML block that a Markdown file may begin with.

    Args:
        text: The whole text.

    Returns:
        The offset at which the Markdown begins, 0 without front matter, and the title that the
        block gives.
    """
    if not text.startswith("---\n"):
        return 0, None
    end = text.find("\n---", 3, _MOST_FRONT_MATTER)
    if end < 0 or text[end + 4 : end + 5] not in ("", "\n"):
        return 0, None
    found = _TITLE.search(text, 3, end)
    return end + 4, found[1].strip().strip("\"'") if found else None


def find_headings(text: str, start: int = 0) -> list[Section]:
    """Find the headings of a Markdown text, in time linear in its length.

    Args:
        text: The whole text.
        start: Offset to begin at.

    Returns:
        The headings in their order. Their titles are free of links, code marks and anchors.
    """
    return _HeadingScan(text, start).run()


class _HeadingScan:
    """One walk over the lines, which knows whether it is in a fence, a comment or a paragraph."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = start
        self.found: list[Section] = []
        self.fence = ""
        self.in_comment = False
        # Offset and lines of the paragraph that an underline would turn into a heading.
        self.paragraph: tuple[int, list[str]] | None = None

    def run(self) -> list[Section]:
        offset = self.start
        for line in self.text[self.start :].split("\n"):
            if self.in_comment:
                self.in_comment = "-->" not in line
            elif self.fence:
                self._close_fence(line)
            elif not line or line.isspace():
                self.paragraph = None
            else:
                self._visit(line, offset)
            offset += len(line) + 1
        return self.found

    def _visit(self, line: str, offset: int) -> None:
        first = line.lstrip(" ")[:1]
        if first == "#" and (heading := _HASHES.match(line)):
            self._add(offset + heading.start(1), _without_closing(heading[2]), len(heading[1]))
        elif ("```" in line or "~~~" in line) and self._open_fence(line):
            self.paragraph = None
        elif first == "<" and line.lstrip().startswith("<!--"):
            self.in_comment = "-->" not in line
            self.paragraph = None
        elif first in "=-" and self.paragraph and (under := _UNDERLINE.match(line)):
            begin, lines = self.paragraph
            self._add(begin, " ".join(lines), 1 if under[1][0] == "=" else 2)
        elif _INTERRUPTION.match(line):
            self.paragraph = None
        elif self.paragraph:
            self.paragraph[1].append(line.strip())
        elif not line.startswith(("    ", "\t")):
            self.paragraph = (offset + len(line) - len(line.lstrip(" ")), [line.strip()])

    def _open_fence(self, line: str) -> bool:
        opening = _FENCE.match(line)
        # Backticks after the opening ones make it code within a line.
        if opening is None or (opening[1][0] == "`" and "`" in opening[2]):
            return False
        self.fence = opening[1]
        return True

    def _close_fence(self, line: str) -> None:
        closing = line.strip(" \t>")
        if closing.startswith(self.fence) and not closing.strip(self.fence[0]):
            self.fence = ""

    def _add(self, start: int, title: str, level: int) -> None:
        self.paragraph = None
        plain = _ANCHOR.sub("", _LINK.sub(r"\1", title)).replace("`", "").replace("**", "").strip()
        if plain:
            self.found.append(Section(start=start, title=plain, level=level))


def _without_closing(title: str) -> str:
    """The text of ``# title ##`` without the hashes at its end, which must stand apart."""
    title = title.rstrip()
    bare = title.rstrip("#")
    return bare if not bare or bare[-1] in " \t" else title
