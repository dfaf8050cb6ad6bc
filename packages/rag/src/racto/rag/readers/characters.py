"""Characters that can be stored: no NUL, no halves of surrogate pairs, plain line ends."""

from __future__ import annotations


def sound(text: str) -> str:
    r"""A foreign library's text as one that can be stored and searched.

    Args:
        text: What the library gave.

    Returns:
        The text without NULs, its pairs of surrogates joined and lone ones replaced, its line
        ends written as ``\n``.
    """
    if "\0" in text:
        text = text.replace("\0", "")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def one_line(text: str) -> str:
    """A text without the white space around it, every run of line ends in it a space."""
    lines = text.splitlines()
    if len(lines) < 2:
        return text.strip()
    return " ".join(filter(None, map(str.strip, lines)))
