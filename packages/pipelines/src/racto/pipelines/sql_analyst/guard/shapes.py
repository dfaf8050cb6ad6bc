"""What a table, a subquery or a CTE looks like from outside: its columns and where they come from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .folding import fold
from .verdicts import ANY_COLUMN, ColumnOrigin

Origins = frozenset[ColumnOrigin]
NOTHING: Origins = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One column, or a star that stands for columns whose names are not known.

    Args:
        name: Its name, folded; empty for one that has none.
        label: Its name as the result shows it.
        origins: The base columns that flow into it.
        verbatim: It is one base column, unchanged.
        star: It stands for any number of columns.
        excluded: Folded names that a star does not stand for.
        fixed: A star whose columns cannot be told apart by name.
    """

    name: str = ""
    label: str = ""
    origins: Origins = NOTHING
    verbatim: bool = False
    star: bool = False
    excluded: frozenset[str] = frozenset()
    fixed: bool = False

    def narrowed(self, name: str) -> Origins:
        """The origins of the column of this name among those that a star stands for."""
        if self.fixed:
            return self.origins
        return frozenset(
            ColumnOrigin(table=origin.table, column=name) if origin.column == ANY_COLUMN else origin
            for origin in self.origins
        )


class Source:
    """Something in FROM.

    Args:
        key: The name by which it is referred to, folded; empty when it has none.
        items: Its columns.
    """

    __slots__ = ("_index", "items", "key")

    def __init__(self, *, key: str, items: tuple[Item, ...]) -> None:
        self.key = key
        self.items = items
        self._index: dict[str, list[Item]] | None = None

    def find(self, name: str) -> tuple[Origins, bool] | None:
        """The origins of a column, and whether it is sure that there is such a column.

        Args:
            name: Its folded name.
        """
        if self._index is None:
            self._index = {}
            for item in self.items:
                if not item.star:
                    self._index.setdefault(item.name, []).append(item)
        found = self._index.get(name)
        if found:
            return frozenset().union(*(item.origins for item in found)), True
        stars = [item for item in self.items if item.star and name not in item.excluded]
        if stars:
            return frozenset().union(*(item.narrowed(name) for item in stars)), False
        return None

    @property
    def origins(self) -> Origins:
        """The origins of all its columns."""
        return everything(self.items)


class Scope:
    """What the names in one SELECT can mean; it fills while the SELECT is read.

    Args:
        parent: The SELECT around it, whose names it sees as well.
        sources: What stands in FROM so far.
    """

    __slots__ = ("aliases", "merged", "parent", "sources")

    def __init__(self, *, parent: Scope | None = None, sources: list[Source] | None = None) -> None:
        self.parent = parent
        self.sources = sources if sources is not None else []
        # The columns of the result, by folded name, and names that USING merges into one column.
        self.aliases: dict[str, Item] = {}
        self.merged: list[str] = []

    def named(self, key: str) -> list[Source]:
        """The sources of a name, of the nearest scope that has one."""
        scope: Scope | None = self
        while scope is not None:
            found = [source for source in scope.sources if source.key == key]
            if found:
                return found
            scope = scope.parent
        return []


def everything(items: Iterable[Item]) -> Origins:
    """The origins of all these columns."""
    return frozenset().union(*(item.origins for item in items))


def opaque(items: Iterable[Item]) -> tuple[Item, ...]:
    """The same columns where it can no longer be told which is which."""
    origins = everything(items)
    return (Item(star=True, name=ANY_COLUMN, label=ANY_COLUMN, origins=origins, fixed=True),)


def unknown_table() -> Item:
    """Any column of any table."""
    origins = frozenset({ColumnOrigin(table=ANY_COLUMN, column=ANY_COLUMN)})
    return Item(star=True, name=ANY_COLUMN, label=ANY_COLUMN, origins=origins, fixed=True)


def renamed(items: tuple[Item, ...], names: list[str]) -> tuple[Item, ...]:
    """The columns under other names, given in order; those beyond the list keep theirs.

    Args:
        items: The columns.
        names: Their new names, as they are written.
    """
    if not names:
        return items
    # How many columns come before a place is not known, so each new name may mean any of them.
    if any(item.star for item in items):
        origins = everything(items)
        given = tuple(Item(name=fold(name), label=name, origins=origins) for name in names)
        return (*given, *opaque(items))
    given = tuple(
        replace(item, name=fold(name), label=name) for item, name in zip(items, names, strict=False)
    )
    return (*given, *items[len(names) :])


def united(branches: list[tuple[Item, ...]], *, by_name: bool = False) -> tuple[Item, ...]:
    """The columns of a UNION: those of the first branch, with the origins of all.

    Args:
        branches: The columns of each branch.
        by_name: Columns meet by name, not by place.
    """
    first, *others = branches
    # Places cannot be matched when one branch has an unknown number of columns.
    if any(item.star for branch in branches for item in branch):
        mixed = [item for branch in branches for item in branch]
        origins = everything(mixed)
        named = tuple(
            replace(item, origins=origins, verbatim=False) for item in first if not item.star
        )
        return (*named, *opaque(mixed))
    if by_name:
        return _united_by_name(branches)
    columns: list[Item] = []
    for place, item in enumerate(first):
        origins = item.origins
        verbatim = item.verbatim
        for branch in others:
            if place < len(branch):
                origins |= branch[place].origins
                verbatim = verbatim and branch[place].verbatim
        columns.append(replace(item, origins=origins, verbatim=verbatim and len(origins) == 1))
    return tuple(columns)


def _united_by_name(branches: list[tuple[Item, ...]]) -> tuple[Item, ...]:
    """DuckDB's UNION BY NAME: the columns of all branches, in order of appearance."""
    columns: dict[str, Item] = {}
    for branch in branches:
        for item in branch:
            known = columns.get(item.name)
            origins = item.origins | (known.origins if known else NOTHING)
            columns[item.name] = replace(known or item, origins=origins, verbatim=False)
    return tuple(columns.values())
