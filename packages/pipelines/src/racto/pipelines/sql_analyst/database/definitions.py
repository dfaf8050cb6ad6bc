"""The query inside a view's definition, which databases tell with or without CREATE VIEW."""

from __future__ import annotations

import re

_CREATE = re.compile(r"\s*CREATE\b", re.IGNORECASE)
# What may stand between CREATE and the query, up to the AS that starts it.
_HEAD = re.compile(
    r"\s*CREATE\b(?:[^\"'`(\[]|\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'|`(?:[^`]|``)*`|\[[^\]]*\]"
    r"|\([^)]*\))*?\bAS\s+(?=\(*\s*(?:SELECT|WITH|VALUES|FROM)\b)",
    re.IGNORECASE | re.DOTALL,
)


def query_of_view(told: str, dialect: str) -> str:
    """The query of a view.

    Args:
        told: The definition, as the database tells it.
        dialect: What sqlglot calls the database.

    Returns:
        The query without a semicolon; "" where none can be found.
    """
    text = told.strip().rstrip(";").strip()
    if not _CREATE.match(text):
        return text
    head = _HEAD.match(text)
    if head is None:
        return ""
    query = text[head.end() :]
    if dialect == "mysql":
        query = re.sub(r"\s+WITH\s+(?:CASCADED|LOCAL)?\s*CHECK\s+OPTION\s*$", "", query, flags=re.I)
    return query.strip()
