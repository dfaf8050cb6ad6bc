"""Words on a chart: names of columns made readable, and text that no page can mistake for markup."""

from __future__ import annotations

import re

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LONGEST = 40
_CAPITALS = frozenset({"id", "url", "sku", "ip", "uuid", "vat", "usd", "eur", "gbp", "kpi", "iso"})


def words_of(name: str) -> list[str]:
    """The words of a column's name, in small letters: ``"customerId"`` reads customer, id."""
    return [word.lower() for word in _WORDS.findall(name)]


def readable(name: str) -> str:
    """A column's name as a title: ``"customer_name"`` reads "Customer name"."""
    # A name with blanks was written for people already.
    if " " in name.strip() or not _WORDS.search(name):
        return name.strip() or "(no name)"
    parts = [word.upper() if word in _CAPITALS else word for word in words_of(name)]
    text = " ".join(parts)
    return text[:1].upper() + text[1:]


def plain(text: str) -> str:
    """A text that plotly shows letter by letter, whatever stands in it.

    Plotly reads a few tags of HTML in all text, and formulas between two dollar signs.
    """
    if "<" in text or "&" in text:
        text = _ENTITY.sub("&amp;", text).replace("<", "&lt;")
    if text.count("$") > 1:
        text = text.replace("$", "&#36;")
    return text


def shortened(text: str, longest: int = _LONGEST) -> str:
    """A label that fits beside an axis: one line, cut with a sign when it is long."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def listed(names: list[str]) -> str:
    """Names in one sentence: ``a, b and c``."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
