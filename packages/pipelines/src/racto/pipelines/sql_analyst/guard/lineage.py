"""From where each column of a result comes: CTEs, aliases, stars, views and subqueries resolved."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from .dialects import DialectRules
from .folding import exact, fold
from .policies import ColumnPolicy
from .projections import ProjectionReader
from .reading import Environment, ExpressionReader
from .shapes import Item, Scope, Source, everything, opaque, renamed, united
from .sources import SourceReader
from .tables import TableCatalog
from .verdicts import ColumnOrigin

_ROUNDS = 4
_CLAUSES = ("where", "group", "having", "qualify", "connect", "windows", "limit", "offset")
_MODIFIERS = ("order", "limit", "offset")


class LineageReader:
    """Reads queries: the columns of their results, and the columns that their conditions use.

    Args:
        catalog: The tables that may be named, with their columns.
        sql: The statement, for the place of what is refused.
        policy: The columns that may not be read.
    """

    def __init__(self, catalog: TableCatalog, sql: str, *, policy: ColumnPolicy) -> None:
        self._rules: DialectRules = catalog.rules
        self._expressions = ExpressionReader(self._rules, sql, policy=policy, query=self.query)
        self._sources = SourceReader(catalog, expressions=self._expressions, query=self.query)
        self._projections = ProjectionReader(self._expressions)
        self.conditions: set[ColumnOrigin] = set()

    def query(self, node: exp.Expr, parent: Scope | None, env: Environment) -> tuple[Item, ...]:
        """The columns of a query's result.

        Args:
            node: A SELECT, a union, a VALUES or one of them in parentheses.
            parent: The scope around it, for names that it does not know itself.
            env: The CTEs in sight, by their names as the database stores them.

        Raises:
            ReadOnlyViolationError: A table may not be named, or a blocked column is read.
        """
        if with_ := node.args.get("with_"):
            env = self._ctes(with_, parent, env)
        if isinstance(node, exp.Select):
            return self._select(node, parent, env)
        if isinstance(node, exp.SetOperation):
            return self._union(node, parent, env)
        if isinstance(node, exp.Values):
            return self._values(node, parent, env)
        if isinstance(node, exp.Pivot):
            scope = Scope(parent=parent)
            self._sources.read(node.this, scope, env)
            self._expressions.read(node, scope, env)
            self._expressions.all_columns(scope.sources, exp.Star())
            return opaque(item for source in scope.sources for item in source.items)
        if isinstance(node.this, exp.Table):
            scope = Scope(parent=parent)
            self._sources.read(node, scope, env)
            return tuple(item for source in scope.sources for item in source.items)
        items = self.query(node.this, parent, env)
        self._modifiers(node, items, parent, env)
        return items

    def _select(self, node: exp.Expr, parent: Scope | None, env: Environment) -> tuple[Item, ...]:
        """The columns of a SELECT."""
        scope = Scope(parent=parent)
        if from_ := node.args.get("from_"):
            self._sources.read(from_, scope, env)
        conditions = []
        for join in node.args.get("joins") or ():
            conditions.extend(self._sources.join(join, scope, env))
        for lateral in node.args.get("laterals") or ():
            self._sources.read(lateral, scope, env)
        # The result comes before the conditions, which may name its columns.
        items = self._projections.read(node.expressions, scope, env)
        scope.aliases = {item.name: item for item in items if item.name and not item.star}
        for key in _CLAUSES:
            value = node.args.get(key)
            conditions.extend(value if isinstance(value, list) else [value] if value else [])
        if (distinct := node.args.get("distinct")) and distinct.args.get("on"):
            conditions.append(distinct.args["on"])
        # What USING names is compared, though no expression holds it.
        for name in scope.merged:
            for source in scope.sources:
                if found := source.find(name):
                    self.conditions |= found[0]
        for condition in conditions:
            self.conditions |= self._expressions.read(condition, scope, env)
        if order := node.args.get("order"):
            self._order(order, scope, env)
        return items

    def _order(self, order: exp.Expr, scope: Scope, env: Environment) -> None:
        """ORDER BY: a bare name means a column of the result before one of a table."""
        for ordered in order.expressions:
            value = ordered.this if isinstance(ordered, exp.Ordered) else ordered
            if isinstance(value, exp.Column) and not value.args.get("table"):
                alias = scope.aliases.get(fold(value.name))
                if alias is not None:
                    self.conditions |= alias.origins
                    continue
            self.conditions |= self._expressions.read(value, scope, env)

    def _modifiers(
        self,
        node: exp.Expr,
        items: tuple[Item, ...],
        parent: Scope | None,
        env: Environment,
    ) -> None:
        """ORDER BY and LIMIT behind a union or parentheses: they see the result's columns."""
        # Behind a union only the columns of its result have names.
        scope = Scope(parent=parent, sources=[Source(key="", items=items)])
        for key in _MODIFIERS:
            if value := node.args.get(key):
                self.conditions |= self._expressions.read(value, scope, env)

    def _union(self, node: exp.Expr, parent: Scope | None, env: Environment) -> tuple[Item, ...]:
        """The columns of a union, whose branches may be many: they are walked, not recursed."""
        branches, by_name = _branches(node)
        items = united([self.query(branch, parent, env) for branch in branches], by_name=by_name)
        self._modifiers(node, items, parent, env)
        return items

    def _values(self, node: exp.Expr, parent: Scope | None, env: Environment) -> tuple[Item, ...]:
        """The columns of a VALUES list, whose values may be subqueries."""
        scope = Scope(parent=parent)
        rows = []
        for row in node.expressions:
            values = row.expressions if isinstance(row, exp.Tuple) else [row]
            rows.append(
                tuple(
                    Item(name=f"column{place}", origins=self._expressions.read(value, scope, env))
                    for place, value in enumerate(values, 1)
                )
            )
        items = united(rows) if rows else ()
        alias = node.args.get("alias")
        columns = (alias.args.get("columns") if alias is not None else None) or ()
        return renamed(items, [str(column.name) for column in columns])

    def _ctes(self, with_: exp.Expr, parent: Scope | None, env: Environment) -> Environment:
        """The CTEs in sight behind a WITH."""
        env = dict(env)
        for cte in with_.expressions:
            alias = cte.args["alias"]
            key = exact(alias.this, self._rules)
            columns = [str(column.name) for column in alias.args.get("columns") or ()]
            recursive = with_.args.get("recursive") or self._rules.implicit_recursion
            body = cte.this
            # Without RECURSIVE, most databases take the name inside for a table of that name.
            if recursive and isinstance(body, exp.SetOperation):
                items = self._recursive(body, key, columns, parent, env)
            else:
                items = renamed(self.query(body, parent, env), columns)
            env[key] = items
        return env

    def _recursive(
        self,
        body: exp.Expr,
        key: str,
        columns: list[str],
        parent: Scope | None,
        env: Environment,
    ) -> tuple[Item, ...]:
        """A CTE that reads itself: origins go round until no new ones come."""
        if with_ := body.args.get("with_"):
            env = self._ctes(with_, parent, env)
        # The first branch cannot see the CTE: the name in it means a table, and is checked as one.
        (anchor, *others), by_name = _branches(body)
        items = renamed(self.query(anchor, parent, env), columns)
        for _ in range(_ROUNDS):
            inner = {**env, key: items}
            rest = [renamed(self.query(branch, parent, inner), columns) for branch in others]
            grown = united([items, *rest], by_name=by_name)
            if grown == items:
                return items
            items = grown
        # Columns that still change places after these rounds count as mixed.
        origins = everything(items)
        return tuple(replace(item, origins=origins, verbatim=False) for item in items)


def _branches(node: exp.Expr) -> tuple[list[exp.Expr], bool]:
    """The branches of a union, left to right, and whether columns meet by name."""
    found: list[exp.Expr] = []
    by_name = False
    while isinstance(node, exp.SetOperation) and not (found and node.args.get("with_")):
        by_name = by_name or bool(node.args.get("by_name"))
        found.append(node.args["expression"])
        node = node.this
    found.append(node)
    return found[::-1], by_name
