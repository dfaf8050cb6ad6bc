"""MarkdownChunker: chunks that follow the headings and keep code and tables whole."""

from __future__ import annotations

import re
from dataclasses import replace

from racto.core.documents import Chunk, Document, cut_all
from racto.core.flows import threaded
from racto.rag.readers.headings import find_headings, front_matter

from .packing import Borders, Packer
from .sizes import require_sizes

_HEADING = 20
_WALL = _HEADING - 6
_RULE = 8
_BLOCK = 6
_ITEM = 4
_ROW = 1
_LAST_RESORT = 0
_STOPS = (("\n\n", 0), (". ", 1), (".\n", 1), ("\n", 0), (" ", 0))

# Possessive, so that no line is tried in more than one way.
_FENCE = re.compile(r"(?:(?:[-*+>]|\d{1,9}[.)])[ \t]++)*+(`{3,}+|~{3,}+)(.*)")
_LIST_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_THEMATIC = re.compile(r"([-*_])[ \t]*+(?:\1[ \t]*+){2,}+$")
_DELIMITERS = re.compile(r"\|?+(?:[ \t]*+:?+-++:?+[ \t]*+(?:\||$))++$")


class MarkdownChunker:
    """Cuts Markdown before headings, between blocks, and inside a block only where it must.

    A section that fits into a chunk is not divided, nor is a fenced block of code, and a heading
    stays with what follows it. A table is cut between rows only, never behind its head; later
    chunks of a long table do not repeat the head, because a chunk is an exact slice of the
    document. What alone exceeds the size is cut at the end of a sentence, a line or a word. The
    time is linear in the length of the text.

    The chunks of a document that names no sections get their ``metadata.section`` from the
    headings in its text.

    Args:
        chunk_size: Most characters in a chunk, at least 1.
        overlap: Most characters repeated, less than ``chunk_size``. A chunk repeats whole blocks,
            list items or rows, and nothing from before a heading.

    Raises:
        ConfigurationError: If the sizes do not fit together; it is a ``ValueError``.
    """

    def __init__(self, chunk_size: int = 512, overlap: int = 0) -> None:
        require_sizes(chunk_size, overlap)
        self.chunk_size = chunk_size
        self.overlap = overlap
        self._packer = Packer(chunk_size, overlap, stops=_STOPS, wall=_WALL)

    def chunk(self, document: Document) -> list[Chunk]:
        """All chunks of a document in their order; none for a document without text."""
        text = document.content
        if not document.sections:
            found = find_headings(text, front_matter(text)[0])
            document = replace(document, sections=tuple(found))
        levels = {section.start: section.level for section in document.sections}
        starts, ends = self._packer.cut(text, _BorderScan(levels).run(text))
        return cut_all(document, starts, ends)

    achunk = threaded(chunk)


class _BorderScan:
    """One walk over the lines, which knows whether it is in a fence or a table."""

    def __init__(self, levels: dict[int, int]) -> None:
        self.levels = levels
        self.borders = Borders([], [])
        self.fence = ""
        self.in_table = False
        # What the line before was: nothing visible, a heading, or one that the next belongs to.
        self.gap = True
        self.under_heading = False
        self.bound = False

    def run(self, text: str) -> Borders:
        at = 0
        for line in text.split("\n"):
            bare = line.strip()
            if not bare:
                self.gap = True
                self.in_table = False
            elif self.fence:
                self._close_fence(bare)
            else:
                indent = len(line) - len(line.lstrip())
                strength = self._strength(bare, indent, at)
                if strength is not None:
                    self.borders.places.append(at)
                    self.borders.strengths.append(strength)
                self.gap = False
            at += len(line) + 1
        return self.borders

    def _strength(self, bare: str, indent: int, at: int) -> int | None:
        """How good it is to cut before a line; None if that would do harm."""
        level = self.levels.get(at + indent)
        if level is not None:
            # Between a heading and the one right below it nothing can be read.
            strength = _ROW if self.under_heading else _HEADING - min(level, 6)
            self.under_heading, self.in_table = True, False
            return strength
        if self.under_heading and not self.gap and not bare.strip("=-"):
            return None
        under_heading, self.under_heading = self.under_heading, False
        block = self._of_block(bare, indent)
        if under_heading and block is not None:
            whole = self.fence or bare[0] == "|"
            return _LAST_RESORT if whole else None
        return block

    def _of_block(self, bare: str, indent: int) -> int | None:
        bound, self.bound = self.bound, False
        block = _BLOCK - (indent > 0)
        if ("```" in bare or "~~~" in bare) and self._open_fence(bare):
            return block
        if self.in_table or bare[0] == "|" or bare[0] in "-:":
            if "|" in bare and _DELIMITERS.match(bare) and not self.in_table:
                self.in_table = self.bound = True
                return None
            if self.in_table or bare[0] == "|":
                return None if bound else block if self.gap else _ROW
        if bare[0] in "-*_" and _THEMATIC.match(bare):
            return _RULE
        if _LIST_ITEM.match(bare):
            return max(_ITEM - indent // 2, _ROW)
        return block if self.gap else None

    def _open_fence(self, bare: str) -> bool:
        opening = _FENCE.match(bare)
        # Backticks after the opening ones make it code within a line.
        if opening is None or (opening[1][0] == "`" and "`" in opening[2]):
            return False
        self.fence = opening[1]
        self.in_table = False
        return True

    def _close_fence(self, bare: str) -> None:
        closing = bare.lstrip(" \t>")
        if closing.startswith(self.fence) and not closing.strip(self.fence[0]):
            self.fence = ""
            # The next line is another block, empty line or not.
            self.gap = True
