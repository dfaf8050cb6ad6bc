"""The classes and functions of Python source as sections, found without parsing it."""

from __future__ import annotations

import re

from racto.core.documents import Section

# Strings and comments come first, so that what they quote defines nothing.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*+'''"
    r'|"(?:[^"\\\n]|\\.)*+"'
    r"|'(?:[^'\\\n]|\\.)*+'"
    r"|\#[^\n]*+"
    r"|^([ \t]*+)(?:async[ \t]++)?(?:def|class)[ \t]++(\w++)",
    re.MULTILINE | re.DOTALL,
)
_TAB = 8


def find_definitions(text: str) -> list[Section]:
    """Find the classes and functions of Python source, sound or not, in time linear in its length.

    Args:
        text: The source.

    Returns:
        A section each, which starts at its first word; its level is how deep it is nested.
    """
    found: list[Section] = []
    columns: list[int] = []
    for token in _TOKEN.finditer(text):
        if token[2] is None:
            continue
        column = len(token[1].expandtabs(_TAB))
        while columns and columns[-1] >= column:
            columns.pop()
        columns.append(column)
        found.append(Section(start=token.end(1), title=token[2], level=len(columns)))
    return found
