"""What a docstring says about a function: its summary, and a description for each parameter.

Understands the Google, numpy and Sphinx styles. Text outside a parameter section never becomes a
description, however much it looks like ``name: text``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_GOOGLE_SECTION = re.compile(
    r"(?:Args|Arguments|Parameters|Params|Keyword Args|Other Args)\s*:\s*$"
)
_GOOGLE_ENTRY = re.compile(r"(\*{0,2}\w+)\s*(?:\([^)]*\)+)?\s*:(?:\s+(.*)|\s*)$")
_NUMPY_SECTION = re.compile(r"(?:Other )?Parameters\s*$")
_NUMPY_ENTRY = re.compile(r"(\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::.*)?$")
_SPHINX_ENTRY = re.compile(
    r":(?:param|parameter|arg|argument|key|keyword)\s+([^:]*?)(\*{0,2}\w+)\s*:\s*(.*)$"
)
_RULE = re.compile(r"\s*-{3,}\s*$")


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedDocstring:
    """The parts of a docstring that matter to a model.

    Attributes:
        summary: First paragraph on one line; empty when there is none.
        parameters: Description by parameter name, each on one line, stars removed.
    """

    summary: str = ""
    parameters: dict[str, str] = field(default_factory=dict)


def parse_docstring(text: str | None) -> ParsedDocstring:
    """Read a docstring in Google, numpy or Sphinx style.

    Args:
        text: The docstring, indented or not; None counts as empty.
    """
    if not text:
        return ParsedDocstring()
    import inspect

    lines = inspect.cleandoc(text).splitlines()
    found: dict[str, list[str]] = {}
    for names, words in (*_google(lines), *_numpy(lines), *_sphinx(lines)):
        for name in names:
            # The first description wins: a later section may only repeat the name.
            found.setdefault(name.lstrip("*"), words)
    described = {name: " ".join(" ".join(words).split()) for name, words in found.items()}
    return ParsedDocstring(
        summary=_summary(lines),
        parameters={name: words for name, words in described.items() if words},
    )


def _summary(lines: list[str]) -> str:
    first: list[str] = []
    for number, line in enumerate(lines):
        # A numpy section may follow the summary without a blank line.
        underlined = number + 1 < len(lines) and _RULE.match(lines[number + 1])
        if not line.strip() or underlined or _starts_section(line):
            break
        first.append(line.strip())
    return " ".join(first)


def _starts_section(line: str) -> bool:
    return bool(_GOOGLE_SECTION.match(line) or _SPHINX_ENTRY.match(line))


def _google(lines: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    for number, line in enumerate(lines):
        if _GOOGLE_SECTION.match(line.strip()):
            body = _indented(lines, number + 1, _indent(line))
            yield from _entries(body, _GOOGLE_ENTRY)


def _numpy(lines: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    for number in range(len(lines) - 1):
        if _NUMPY_SECTION.match(lines[number]) and _RULE.match(lines[number + 1]):
            yield from _entries(_until_rule(lines, number + 2), _NUMPY_ENTRY)


def _sphinx(lines: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    for number, line in enumerate(lines):
        found = _SPHINX_ENTRY.match(line.strip())
        if found:
            rest = _indented(lines, number + 1, _indent(line))
            yield [found.group(2)], [found.group(3), *rest]


def _entries(body: list[str], pattern: re.Pattern[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Split a section into entries; an entry's text is all that is indented deeper than it."""
    # The first column of the section, whatever width the author indents by.
    margin = min((_indent(line) for line in body if line.strip()), default=0)
    for number, line in enumerate(body):
        found = pattern.match(line.strip()) if _indent(line) == margin else None
        if found:
            first = found.group(2) if pattern.groups > 1 else None
            words = [first or "", *_indented(body, number + 1, margin)]
            yield [name.strip() for name in found.group(1).split(",")], words


def _indented(lines: list[str], start: int, margin: int) -> list[str]:
    """The lines from ``start`` that are indented deeper than ``margin``, blank ones included."""
    taken: list[str] = []
    for line in lines[start:]:
        if line.strip() and _indent(line) <= margin:
            break
        taken.append(line)
    return taken


def _until_rule(lines: list[str], start: int) -> list[str]:
    """The lines from ``start`` up to the title of the next underlined section."""
    for number in range(start, len(lines) - 1):
        if _RULE.match(lines[number + 1]):
            return lines[start:number]
    return lines[start:]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
