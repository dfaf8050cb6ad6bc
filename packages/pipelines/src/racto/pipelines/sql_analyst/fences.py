"""Fenced blocks of a reply, read line by line as Markdown does, so that no text is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_INLINE = re.compile(r"```(?P<language>[\w+-]*)[ \t]*\n(?P<text>.*?)```", re.DOTALL)
_OPENING = re.compile(r"^(?P<indent>[ \t>]*)(?P<marks>`{3,}|~{3,})(?P<info>[^`\n]*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """One fenced block.

    Attributes:
        language: The first word behind the opening marks, in lower case; empty without one.
        text: What stands between the marks, its common indent removed.
        is_closed: False when the reply ends before the closing marks.
    """

    language: str
    text: str
    is_closed: bool = True


def fences(reply: str) -> list[Fence]:
    """All fenced blocks of a text, in order.

    The closing marks are of the same kind as the opening ones and at least as many, so a block may
    hold shorter fences. Only where no line opens a block are marks inside a line taken for one.
    """
    found = list(_blocks(reply.splitlines()))
    if any(block.is_closed for block in found):
        return found
    # Some models close a block at the end of its last line, or open it behind other words.
    inline = [
        Fence(language=match["language"].lower(), text=match["text"])
        for match in _INLINE.finditer(reply)
    ]
    return inline or found


def _blocks(lines: list[str]) -> Iterator[Fence]:
    number = 0
    while number < len(lines):
        opened = _OPENING.match(lines[number])
        number += 1
        if opened is None:
            continue
        inner: list[str] = []
        is_closed = False
        while number < len(lines) and not is_closed:
            line = lines[number]
            number += 1
            if _closes(line, opened["marks"]):
                is_closed = True
            else:
                # A block in a list is indented as its opening line is.
                inner.append(line.removeprefix(opened["indent"]))
        language, *_ = opened["info"].lower().split() or [""]
        yield Fence(language=language, text="\n".join(inner), is_closed=is_closed)


def _closes(line: str, marks: str) -> bool:
    bare = line.strip(" \t>")
    return len(bare) >= len(marks) and not bare.strip(marks[0])
