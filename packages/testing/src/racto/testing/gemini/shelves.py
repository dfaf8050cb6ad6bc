"""Things that the API keeps under names, found one by one or listed page by page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from .failures import refusal

T = TypeVar("T")

_PAGE = 50
# No more digits than an int32 has: a query is text of any length.
_COUNT = re.compile(r"[0-9]{1,9}")


class Shelf(Generic[T]):
    """Keeps things by name.

    Args:
        missing: Words about a name that is not there; ``{name}`` and ``{id}`` stand for it.
        status: HTTP status for it.
    """

    def __init__(self, missing: str, *, status: int) -> None:
        self._missing = missing
        self._status = status
        self._things: dict[str, T] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._things

    def __iter__(self) -> Iterator[T]:
        return iter(tuple(self._things.values()))

    def put(self, name: str, thing: T) -> T:
        """Keep a thing; one of the same name makes place for it."""
        self._things[name] = thing
        return thing

    def get(self, name: str) -> T:
        """The thing of a name.

        Raises:
            Refusal: If there is none.
        """
        if name not in self._things:
            told = self._missing.format(name=name, id=name.rpartition("/")[2])
            raise refusal(told, status=self._status)
        return self._things[name]

    def drop(self, name: str) -> T:
        """Take a thing away.

        Raises:
            Refusal: If there is none.
        """
        thing = self.get(name)
        del self._things[name]
        return thing

    def page(
        self, query: Mapping[str, str], field: str, show: Callable[[T], Any]
    ) -> dict[str, Any]:
        """One page of the list.

        Args:
            query: The request's: ``pageSize`` and ``pageToken``.
            field: Name of the list in the page.
            show: Renders a thing.

        Raises:
            Refusal: If the size or the token is none.
        """
        return paged(self, query, field, show)


def paged(
    things: Iterable[T], query: Mapping[str, str], field: str, show: Callable[[T], Any]
) -> dict[str, Any]:
    """One page of a list.

    Args:
        things: The whole list.
        query: The request's: ``pageSize`` and ``pageToken``.
        field: Name of the list in the page.
        show: Renders a thing.

    Raises:
        Refusal: If the size or the token is none.
    """
    size, first = query.get("pageSize", str(_PAGE)), query.get("pageToken") or "0"
    if not _COUNT.fullmatch(size) or int(size) < 1:
        raise refusal(f"Invalid value at 'page_size' (TYPE_INT32), \"{size}\"")
    if not _COUNT.fullmatch(first):
        raise refusal("Page token is not valid.")
    found = list(things)
    last = int(first) + int(size)
    page: dict[str, Any] = {field: [show(thing) for thing in found[int(first) : last]]}
    if last < len(found):
        page["nextPageToken"] = str(last)
    # Proto-JSON leaves out lists that are empty.
    return page if page[field] else {}
