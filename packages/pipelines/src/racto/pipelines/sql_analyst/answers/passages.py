"""Which letters of a Markdown text are prose: code, links, addresses and list numbers are not."""

from __future__ import annotations

import re

_BLANK = "\x00"

# One pass from the left, so that a fence inside a link, or the other way round, is read as it is.
_ASIDE = re.compile(
    r"""
    ^[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n(?:.*?\n)??[ ]{0,3}(?P=fence)[`~]*[ \t]*(?:\n|\Z)
    | ^[ ]{0,3}(?:`{3,}|~{3,}).*\Z                     # a fence that is never closed
    | (?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`) # code in a line
    | \$\$.+?\$\$                                      # a formula
    | !?\[(?:[^\[\]]|\[[^\[\]]*\])*\](?:\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+"[^"]*")?\s*\)|\[[^\]]*\])
    | ^[ ]{0,3}\[[^\]]+\]:[^\n]*                       # where a link leads
    | <[a-zA-Z/!][^<>]*>                               # tags and addresses in angles
    | (?:https?://|ftp://|www\.|mailto:)[^\s<>)\]]+
    | [\w.+-]+@[\w-]+\.[\w.-]+
    | ^[ ]{0,3}(?:>[ ]?)*[ ]*\d{1,9}[.)](?=\s)          # the number of an item
    | &\#?\w+;
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)


def prose_of(markdown: str) -> str:
    """The text with a NUL for each letter that is no prose; every place stays the same.

    Args:
        markdown: Text in Markdown.
    """
    return _ASIDE.sub(lambda found: _BLANK * len(found[0]), markdown)
