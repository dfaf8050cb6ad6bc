"""TextCleaner: text without markup, control characters and superfluous white space."""

from __future__ import annotations

import re
from unicodedata import normalize

from .markup import without_markup

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]+")
_SPACES = re.compile("  +")
# What Unicode has for spaces beside the plain one; common in text from PDF and HTML.
_FOREIGN_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*+\n){2,}+")


class TextCleaner:
    r"""Cleans text for embedding; the steps run in this order, whatever the flags.

    Plain text passes at the speed of a search: each step first looks whether it has anything to
    do. The time is linear in the length of the text. White space around it is always removed.

    Args:
        normalize_unicode: Compose characters (NFC), so that equal words are equal strings.
        strip_html: Remove residual HTML tags and comments. Only real HTML elements count:
            ``if a < b and c > d`` and ``list<int>`` stay, where the reference deletes them.
        strip_control_chars: Remove control characters; those that separate, such as the form
            feed, and every kind of line end become ``\n``.
        collapse_whitespace: Turn runs of spaces and tabs, Unicode's other spaces included, into
            one space.
        collapse_blank_lines: Turn three or more line ends in a row into two; lines of nothing
            but spaces count as empty.
    """

    def __init__(
        self,
        normalize_unicode: bool = True,
        strip_html: bool = True,
        strip_control_chars: bool = True,
        collapse_whitespace: bool = True,
        collapse_blank_lines: bool = True,
    ) -> None:
        self.normalize_unicode = normalize_unicode
        self.strip_html = strip_html
        self.strip_control_chars = strip_control_chars
        self.collapse_whitespace = collapse_whitespace
        self.collapse_blank_lines = collapse_blank_lines

    def process(self, text: str) -> str:
        """Return the cleaned text; it may be empty."""
        if self.normalize_unicode and not text.isascii():
            text = normalize("NFC", text)
        if self.strip_html:
            text = without_markup(text)
        if self.strip_control_chars:
            text = text.replace("\r\n", "\n")
        plain = _is_plain(text)
        if self.strip_control_chars and not plain:
            text = _CONTROLS.sub(_separators, text)
        if self.collapse_whitespace:
            if not plain:
                text = _FOREIGN_SPACES.sub(" ", text)
            text = text.replace("\t", " ")
            if "  " in text:
                text = _SPACES.sub(" ", text)
        if self.collapse_blank_lines:
            text = _BLANK_LINES.sub("\n\n", text)
        return text.strip()


def _is_plain(text: str) -> bool:
    """Whether a text has no control characters but tabs and line ends, and no foreign spaces."""
    # A look at the whole is five times as fast as a search; the common controls would spoil it.
    return text.replace("\n", " ").replace("\t", " ").isprintable()


def _separators(controls: re.Match[str]) -> str:
    return "".join("\n" for character in controls[0] if character.isspace())
