"""Any Python string as text that PostgreSQL can keep, and back: exact, and in the same order.

PostgreSQL refuses NUL, and UTF-8 has no lone surrogates. Both occur, in texts from PDFs and in file
names. They become pairs of characters that sort where the original stood, so that a comparison in
the server comes out as it does in Python.
"""

from __future__ import annotations

import re

TAG = "\x01"
"""Begins a pair. An encoded string never has a letter after it, so tagged values stand apart."""

_HIGH = "\ue000"
_FIRST_SURROGATE = 0xD800
_SHIFT = 0x100
_UNSAFE = re.compile("[\x00\x01\ud800-\udfff\ue000]")
_PAIRS = re.compile("\x01[\x01\x02]|\ue000[\u0100-\uffff\U00010000]")
_TO_PAIR = {"\x00": "\x01\x01", "\x01": "\x01\x02", "\ue000": "\ue000\U00010000"}
_FROM_PAIR = {pair: letter for letter, pair in _TO_PAIR.items()}


def escaped(text: str) -> str:
    """The string as PostgreSQL can keep it; most strings are their own."""
    # Asked cheaply first: nearly no text has anything to escape.
    if text.isascii() and "\x00" not in text and TAG not in text:
        return text
    return _UNSAFE.sub(_pair, text) if _UNSAFE.search(text) else text


def unescaped(text: str) -> str:
    """The string that :func:`escaped` was given."""
    if TAG in text or _HIGH in text:
        return _PAIRS.sub(_letter, text)
    return text


def _pair(found: re.Match[str]) -> str:
    letter = found[0]
    known = _TO_PAIR.get(letter)
    return known or _HIGH + chr(ord(letter) - _FIRST_SURROGATE + _SHIFT)


def _letter(found: re.Match[str]) -> str:
    pair = found[0]
    known = _FROM_PAIR.get(pair)
    return known or chr(ord(pair[1]) - _SHIFT + _FIRST_SURROGATE)
