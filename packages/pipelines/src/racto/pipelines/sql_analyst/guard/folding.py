"""When two names are the same name: how each database compares what is quoted and what is not."""

from __future__ import annotations

import unicodedata

from sqlglot import exp

from .dialects import DialectRules

_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_ASCII_UPPER = {code + 32: code for code in range(ord("A"), ord("Z") + 1)}


def fold(name: str) -> str:
    """A name for comparisons that must not miss a namesake.

    Case does not count, and beyond ASCII neither do accents, widths and ligatures: MySQL's and
    SQL Server's collations take such names for equal. Nor do spaces at the end.

    Args:
        name: A name without its quotes.
    """
    if name.isascii():
        return name.lower().rstrip(" ")
    # Decomposed, so that accents come off and full-width letters become plain ones.
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss"))
    kept = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return kept.casefold().rstrip(" ")


def exact(identifier: exp.Expr, rules: DialectRules) -> str:
    """A name as the database stores it: its case folded where that happens without quotes.

    Args:
        identifier: The name as the parser found it.
        rules: The database's part of the rules.
    """
    name = str(identifier.this)
    if rules.folding == "any":
        return name.casefold()
    if rules.folding == "exact" or identifier.args.get("quoted"):
        return name
    # Letters beyond ASCII stay as they are, so that no other name is taken for this one.
    return name.translate(_ASCII_LOWER if rules.folding == "lower" else _ASCII_UPPER)
