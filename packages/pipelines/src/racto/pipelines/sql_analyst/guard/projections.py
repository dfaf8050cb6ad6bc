"""The columns of a SELECT's result: stars expanded, aliases named, origins followed."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from .folding import fold
from .reading import Environment, ExpressionReader, except_names
from .shapes import Item, Scope, Source
from .verdicts import ANY_COLUMN


class ProjectionReader:
    """Reads the list behind SELECT.

    Args:
        expressions: Reads the expressions in it.
    """

    def __init__(self, expressions: ExpressionReader) -> None:
        self._expressions = expressions

    def read(self, projections: list[exp.Expr], scope: Scope, env: Environment) -> tuple[Item, ...]:
        """The columns of the result, in order.

        Args:
            projections: What stands behind SELECT.
            scope: What the names in it can mean; aliases are added as they appear.
            env: The CTEs in sight.

        Raises:
            ReadOnlyViolationError: A blocked column is read.
        """
        items: list[Item] = []
        for projection in projections:
            if (star := _star_of(projection)) is not None:
                items.extend(self._star(projection, star, scope, env))
                continue
            item = self._column(projection, scope, env)
            items.append(item)
            if item.name:
                # Later columns may refer to this one, in Snowflake and DuckDB.
                scope.aliases.setdefault(item.name, item)
        return tuple(items)

    def _column(self, node: exp.Expr, scope: Scope, env: Environment) -> Item:
        """One expression: its name, its origins, and whether it spreads into several columns."""
        label = str(node.alias_or_name) if isinstance(node, exp.Alias | exp.Column) else ""
        value = node.this if isinstance(node, exp.Alias) else node
        # How many columns these make is known to the database alone.
        origins = self._expressions.read(value, scope, env)
        if _spreads(value):
            return Item(name=ANY_COLUMN, label=ANY_COLUMN, origins=origins, star=True, fixed=True)
        plain = isinstance(value, exp.Column) and len(origins) == 1
        return Item(name=fold(label), label=label, origins=origins, verbatim=plain)

    def _star(self, node: exp.Expr, star: exp.Expr, scope: Scope, env: Environment) -> list[Item]:
        """The columns that a star stands for."""
        sources = scope.sources
        merged = list(dict.fromkeys(scope.merged))
        if node is not star:
            sources = scope.named(fold(str(node.args["table"].name))) or scope.sources
            merged = []
        excluded = except_names(star)
        # The columns that REPLACE overwrites are not read by the star itself.
        self._expressions.all_columns(sources, node, excluded | _replaced(star))
        items = [*_merged(sources, merged), *_expanded(sources, frozenset(merged))]
        items = [item for item in items if item.star or item.name not in excluded]
        items = [
            replace(item, excluded=item.excluded | excluded)
            if item.star and not item.fixed
            else item
            for item in items
        ]
        return self._changed(items, star, scope, env)

    def _changed(
        self, items: list[Item], star: exp.Expr, scope: Scope, env: Environment
    ) -> list[Item]:
        """The columns after the star's REPLACE and RENAME."""
        for change in star.args.get("replace") or ():
            origins = self._expressions.read(change.this, scope, env)
            name = fold(str(change.alias))
            items = [
                replace(
                    item, origins=item.origins | origins if item.star else origins, verbatim=False
                )
                if item.star or item.name == name
                else item
                for item in items
            ]
        for change in star.args.get("rename") or ():
            old, new = fold(str(change.this.name)), str(change.alias)
            items = [
                replace(item, name=fold(new), label=new)
                if item.name == old and not item.star
                else replace(item, fixed=True)
                if item.star
                else item
                for item in items
            ]
        return items


def _star_of(node: exp.Expr) -> exp.Expr | None:
    """The star of ``*`` and ``t.*``; None for every other expression."""
    if isinstance(node, exp.Star):
        return node
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
        return node.this
    return None


def _replaced(star: exp.Expr) -> frozenset[str]:
    """The folded names of the columns in whose place a star's REPLACE puts others."""
    return frozenset(fold(str(change.alias)) for change in star.args.get("replace") or ())


def _merged(sources: list[Source], names: list[str]) -> list[Item]:
    """The columns that USING made one of: they come first, once."""
    items = []
    for name in names:
        found = [item for source in sources for item in source.items if item.name == name]
        if found:
            origins = frozenset().union(*(item.origins for item in found))
            items.append(replace(found[0], origins=origins, verbatim=False))
    return items


def _expanded(sources: list[Source], merged: frozenset[str]) -> list[Item]:
    """The other columns, source by source."""
    return [item for source in sources for item in source.items if item.name not in merged]


def _spreads(value: exp.Expr) -> bool:
    """An expression that may make several columns: COLUMNS(...), (row).*, unnest of a record."""
    if isinstance(value, exp.Dot) and isinstance(value.args.get("expression"), exp.Star):
        return True
    return any(True for _ in value.find_all(exp.Columns, exp.Unnest, exp.Explode))
