"""Lists in pages, as Anthropic's API cuts them: by the id before or after which a page begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .reading import Objection, read
from .requests import PageQuery

_FIELDS = ("after_id", "before_id", "limit")


def page(
    items: Sequence[Mapping[str, Any]], query: Mapping[str, str]
) -> dict[str, Any] | Objection:
    """One page of a list.

    Args:
        items: All that there is, in order; each has an ``id``.
        query: The query of the request.

    Returns:
        The page, or why there is none.
    """
    wanted = read(PageQuery, {name: query[name] for name in _FIELDS if name in query})
    if isinstance(wanted, str):
        return wanted
    # A page before an object ends right at it, however far that is from the beginning.
    ids = [item["id"] for item in items]
    cursor = wanted.after_id or wanted.before_id
    if cursor is not None and cursor not in ids:
        return f"No object was found with the id '{cursor}'"
    if wanted.after_id is not None:
        rest = items[ids.index(wanted.after_id) + 1 :]
        shown = rest[: wanted.limit]
    elif wanted.before_id is not None:
        rest = items[: ids.index(wanted.before_id)]
        shown = rest[-wanted.limit :]
    else:
        rest, shown = items, items[: wanted.limit]
    return {
        "data": list(shown),
        "has_more": len(rest) > len(shown),
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
    }
