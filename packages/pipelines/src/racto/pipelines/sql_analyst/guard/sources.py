"""What stands in FROM: tables, views, CTEs, subqueries, functions and what is made of them."""

from __future__ import annotations

from sqlglot import exp

from .folding import exact, fold
from .reading import Environment, ExpressionReader, QueryReader
from .shapes import Item, Scope, Source, opaque, renamed
from .tables import TableCatalog
from .verdicts import ANY_COLUMN


class SourceReader:
    """Reads FROM clauses into sources.

    Args:
        catalog: The tables that may be named, with their columns.
        expressions: Reads the expressions in joins and in functions.
        query: Reads subqueries.
    """

    def __init__(
        self, catalog: TableCatalog, *, expressions: ExpressionReader, query: QueryReader
    ) -> None:
        self._catalog = catalog
        self._expressions = expressions
        self._query = query

    def read(self, node: exp.Expr, scope: Scope, env: Environment) -> None:
        """Add what a FROM clause, a join or a lateral brings to a scope.

        Args:
            node: A `From`, `Join`, `Lateral`, `Table`, `Subquery` or function of a table.
            scope: The scope of the SELECT, with the sources before this one.
            env: The CTEs in sight.

        Raises:
            ReadOnlyViolationError: A table may not be named, or a blocked column is read.
        """
        if isinstance(node, exp.From):
            node = node.this
        first = len(scope.sources)
        # Parentheses around a join are not a query: its tables stay in sight by name.
        if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
            self._parenthesised(node, scope, env)
        else:
            scope.sources.append(self._source(node, scope, env))
        for pivot in node.args.get("pivots") or ():
            self._pivot(pivot, scope, first, env)
        if match := node.args.get("match"):
            self._expressions.read(match, scope, env)
            self._collapse(scope, first, "")
        for join in node.args.get("joins") or ():
            self.join(join, scope, env)
        for lateral in node.args.get("laterals") or ():
            self.read(lateral, scope, env)

    def join(self, join: exp.Expr, scope: Scope, env: Environment) -> list[exp.Expr]:
        """Add what a join brings, and return the conditions that are still to be read.

        Args:
            join: A `sqlglot.exp.Join`.
            scope: The scope of the SELECT.
            env: The CTEs in sight.
        """
        before = list(scope.sources)
        self.read(join.this, scope, env)
        for name in join.args.get("using") or ():
            written = str(name.name)
            scope.merged.append(fold(written))
            self._expressions.named(written, scope, name)
        if str(join.args.get("method") or "").upper() == "NATURAL":
            self._natural(before, scope, join)
        keys = ("on", "match_condition")
        return [value for key in keys if isinstance(value := join.args.get(key), exp.Expr)]

    def _natural(self, before: list[Source], scope: Scope, join: exp.Expr) -> None:
        """A natural join compares all columns of the same name, whichever they are."""
        added = scope.sources[len(before) :]
        sources = [*before, *added]
        # Which names the sides share cannot be told, so all of them count as compared.
        if any(item.star for source in sources for item in source.items):
            self._expressions.all_columns(sources, join)
            return
        left = {item.name for source in before for item in source.items}
        shared = [item for source in added for item in source.items if item.name in left]
        for item in shared:
            scope.merged.append(item.name)
            self._expressions.named(item.label, scope, join)

    def _parenthesised(self, node: exp.Expr, scope: Scope, env: Environment) -> None:
        """``(a JOIN b)``: its sources keep their names, unless the whole has one."""
        first = len(scope.sources)
        table = node.this
        self.read(table, scope, env)
        for join in node.args.get("joins") or ():
            self.join(join, scope, env)
        alias = node.args.get("alias")
        if alias is not None and alias.this is not None:
            items = tuple(item for source in scope.sources[first:] for item in source.items)
            del scope.sources[first:]
            scope.sources.append(Source(key=fold(alias.name), items=_under(alias, items)))

    def _source(self, node: exp.Expr, scope: Scope, env: Environment) -> Source:
        """One source."""
        alias = node.args.get("alias")
        alias = alias if isinstance(alias, exp.TableAlias) else None
        key = fold(alias.name) if alias is not None and alias.this is not None else ""
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            items, name = self._table(node, env)
            if version := node.args.get("version"):
                self._expressions.read(version, scope, env)
            return Source(key=key or name, items=_under(alias, items))
        inner = node.this if isinstance(node, exp.Lateral) else node
        if isinstance(inner, exp.Select | exp.SetOperation | exp.Subquery | exp.Values):
            items = self._query(inner, scope, env)
            return Source(key=key, items=_under(alias, items))
        return self._function(node, key, alias, scope, env)

    def _table(self, node: exp.Expr, env: Environment) -> tuple[tuple[Item, ...], str]:
        """The columns of a table, a view or a CTE, and the name that it goes by."""
        name = fold(str(node.this.this))
        # A name with a schema is never a CTE.
        if not node.args.get("db"):
            items = env.get(exact(node.this, self._catalog.rules))
            if items is not None:
                return items, name
        return self._catalog.items(node), fold(str(node.this.this).rpartition(".")[2])

    def _function(
        self,
        node: exp.Expr,
        key: str,
        alias: exp.Expr | None,
        scope: Scope,
        env: Environment,
    ) -> Source:
        """A function that makes rows: whatever it is given may be in any of its columns."""
        origins = frozenset(
            origin
            for value in node.iter_expressions()
            if value is not alias
            for origin in self._expressions.read(value, scope, env)
        )
        names = _column_names(alias)
        items = tuple(Item(name=fold(name), label=name, origins=origins) for name in names)
        star = Item(name=ANY_COLUMN, label=ANY_COLUMN, origins=origins, star=True, fixed=True)
        # Without an alias the function's own name stands for its row.
        if not key and isinstance(node.args.get("this"), exp.Anonymous):
            key = fold(str(node.this.name))
        return Source(key=key, items=(*items, star))

    def _pivot(self, pivot: exp.Expr, scope: Scope, first: int, env: Environment) -> None:
        """PIVOT and UNPIVOT: the new columns may hold anything of the old ones."""
        # A pivot sees only what it turns.
        inner = Scope(parent=None, sources=scope.sources[first:])
        self._expressions.read(pivot, inner, env)
        alias = pivot.args.get("alias")
        key = fold(alias.name) if isinstance(alias, exp.TableAlias) else ""
        self._collapse(scope, first, key)

    def _collapse(self, scope: Scope, first: int, key: str) -> None:
        """Make one opaque source of those from a place on; its every column counts as read."""
        sources = scope.sources[first:]
        self._expressions.all_columns(sources, exp.Star())
        items = opaque(item for source in sources for item in source.items)
        scope.sources[first:] = [Source(key=key or sources[0].key, items=items)]


def _column_names(alias: exp.Expr | None) -> list[str]:
    """The names in the list of columns of a table alias."""
    columns = (alias.args.get("columns") if alias is not None else None) or ()
    return [str(column.name) for column in columns]


def _under(alias: exp.Expr | None, items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Columns under the names that a table alias lists."""
    return renamed(items, _column_names(alias))
