"""Long lists in pages, with cursors that are checked when they come back."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import TypeVar

import mcp_types as types
from mcp import MCPError

T = TypeVar("T")


def page_of(
    items: Sequence[T], cursor: str | None, *, size: int, name: Callable[[T], str]
) -> tuple[list[T], str | None]:
    """One page of a list, and the cursor of the next.

    A cursor names the last entry of its page, so that a list which grows or shrinks between two
    requests neither repeats nor skips entries.

    Args:
        items: The whole list.
        cursor: Where the page begins; None for the first.
        size: Most entries on a page.
        name: The name of an entry, unique in the list.

    Raises:
        MCPError: If the cursor is not one of this server's.
    """
    start = 0 if cursor is None else _start(cursor, [name(item) for item in items])
    page = list(items[start : start + size])
    end = start + len(page)
    return page, _cursor(end, name(page[-1])) if page and end < len(items) else None


def _cursor(offset: int, last: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([offset, last]).encode()).decode("ascii")


def _start(cursor: str, names: Sequence[str]) -> int:
    try:
        offset, last = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        # A cursor is the client's word, so its shape is checked before it is used.
        if type(offset) is not int or not isinstance(last, str) or offset < 1:
            raise ValueError("not a place in a list")
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise MCPError(
            types.INVALID_PARAMS, "the cursor is not one of this server's; list from the start"
        ) from error
    if last in names:
        return names.index(last) + 1
    # The entry is gone; those after it have moved up by one.
    return min(offset - 1, len(names))
