"""Which base columns flow into an expression, names resolved where they stand."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from .dialects import DialectRules
from .folding import fold
from .policies import ColumnPolicy
from .refusals import offset_of, refuse
from .shapes import NOTHING, Item, Origins, Scope, Source
from .verdicts import ColumnOrigin

Environment = dict[str, tuple[Item, ...]]
QueryReader = Callable[[exp.Expr, Scope | None, Environment], tuple[Item, ...]]

# There a method is called on a column: `t.name.upper()`, `x.value('...')`.
_METHODS = frozenset({"duckdb", "tsql"})
QUERIES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)


class ExpressionReader:
    """Reads expressions: each column they hold is resolved and held against the policy.

    Args:
        rules: The database's part of the rules.
        sql: The statement, for the place of what is refused.
        policy: The columns that may not be read.
        query: Reads a query that stands in an expression.
    """

    def __init__(
        self, rules: DialectRules, sql: str, *, policy: ColumnPolicy, query: QueryReader
    ) -> None:
        self._rules = rules
        self._sql = sql
        self._policy = policy
        self._query = query

    def read(self, node: exp.Expr, scope: Scope, env: Environment) -> Origins:
        """The origins of everything that an expression holds.

        Args:
            node: The expression; a clause such as WHERE counts as one.
            scope: What its names can mean.
            env: The CTEs in sight.

        Raises:
            ReadOnlyViolationError: It reads a column that is blocked, or may be.
        """
        origins: set[ColumnOrigin] = set()
        stack = [node]
        while stack:
            current = stack.pop()
            kind = current.__class__
            if kind is exp.Column:
                origins |= self.column(current, scope)
            elif isinstance(current, QUERIES):
                for item in self._query(current, scope, env):
                    origins |= item.origins
            elif kind is exp.Columns and not isinstance(current.args.get("this"), exp.Star):
                # COLUMNS('regex'): whichever the names are that match.
                origins |= self._star(current, scope)
            elif kind is exp.Star or kind is exp.PositionalColumn or kind is exp.Parameter:
                if not _counts_rows(current):
                    origins |= self._star(current, scope)
            else:
                if kind is exp.Dot:
                    origins |= self._dotted(current, scope)
                stack.extend(current.iter_expressions())
        return frozenset(origins)

    def column(self, node: exp.Expr, scope: Scope) -> Origins:
        """The origins of one column, whole row or star.

        Args:
            node: A `sqlglot.exp.Column`.
            scope: What its names can mean.

        Raises:
            ReadOnlyViolationError: It is blocked, or may be.
        """
        this = node.args["this"]
        parts = [part for key in ("catalog", "db", "table") if (part := node.args.get(key))]
        whole = not isinstance(this, exp.Identifier)
        names = [fold(str(part.name or part.this)) for part in parts]
        if not whole:
            names.append(fold(str(this.this)))
        return self._path(names, node, scope, whole=whole)

    def _path(self, names: list[str], node: exp.Expr, scope: Scope, *, whole: bool) -> Origins:
        """The origins of names joined by dots: schema, table, column and fields, as far as given.

        With ``whole``, the last of them is a table of which all columns are read.
        """
        last = len(names) - 1
        # The first name that is a source decides; what follows its column are fields of a record.
        for place, name in enumerate(names):
            if place == last and not whole:
                break
            sources = scope.named(name)
            if sources and place == last:
                return self.all_columns(sources, node, except_names(node))
            if sources:
                self._check_fields(node, names[place + 2 :])
                return self._of_sources(sources, names[place + 1], node)
        if not names or whole:
            return self._star(node, scope)
        self._check_fields(node, names[1:])
        return self._bare(names[0], scope, node)

    def all_columns(
        self, sources: list[Source], node: exp.Expr, excluded: frozenset[str] = frozenset()
    ) -> Origins:
        """The origins of all columns of these sources.

        Args:
            sources: What is read.
            node: Where it is read, for the place of a refusal.
            excluded: Folded names of columns that are left out.

        Raises:
            ReadOnlyViolationError: One of the columns is blocked, or may be.
        """
        origins: set[ColumnOrigin] = set()
        for source in sources:
            for item in source.items:
                if item.star:
                    left_out = NO_NAMES if item.fixed else excluded | item.excluded
                    self._check(item.origins, node, left_out)
                    origins |= item.origins
                elif item.name not in excluded:
                    self._check(item.origins, node)
                    origins |= item.origins
        return frozenset(origins)

    def named(self, name: str, scope: Scope, node: exp.Expr) -> Origins:
        """The origins of a bare name, as USING writes it, in every source that may have it."""
        return self._of_sources(scope.sources, fold(name), node)

    def _of_sources(self, sources: list[Source], name: str, node: exp.Expr) -> Origins:
        """The origins of a column that is in one of these sources."""
        origins: set[ColumnOrigin] = set()
        for source in sources:
            if found := source.find(name):
                origins |= found[0]
        self._check(origins, node)
        return frozenset(origins)

    def _bare(self, name: str, scope: Scope, node: exp.Expr) -> Origins:
        """The origins of a name without a table: the nearest scope that surely has it."""
        origins: set[ColumnOrigin] = set()
        current: Scope | None = scope
        sure = False
        # An open table may or may not have the column: then an outer one may be meant as well.
        while current is not None and not sure:
            for source in current.sources:
                if found := source.find(name):
                    origins |= found[0]
                    sure = sure or found[1]
            if alias := current.aliases.get(name):
                origins |= alias.origins
            current = current.parent
        self._check(origins, node)
        # A column of that name would come first; where none is sure, the row may be meant.
        if not sure and self._rules.row_references and (rows := scope.named(name)):
            origins |= self.all_columns(rows, node)
        return frozenset(origins)

    def _star(self, node: exp.Expr, scope: Scope) -> Origins:
        """All columns in sight of an expression: ``COLUMNS(*)``, ``#1``, ``$1``."""
        return self.all_columns(scope.sources, node, except_names(node))

    def _check(
        self,
        origins: Origins | set[ColumnOrigin],
        node: exp.Expr,
        excluded: frozenset[str] = frozenset(),
    ) -> None:
        """Refuse origins of which one is blocked."""
        if not self._policy.active:
            return
        # Sorted, so that the same statement always gets the same message.
        for origin in sorted(origins):
            if self._policy.blocks(origin, excluded):
                self._refuse(node, f"it reads, or may read, a blocked column of {origin.table}")

    def _dotted(self, node: exp.Expr, scope: Scope) -> Origins:
        """The column that a method is called on, and fields of the names of blocked columns."""
        field = node.args.get("expression")
        if isinstance(field, exp.Identifier):
            self._check_fields(node, [fold(str(field.this))])
            return NOTHING
        names: list[str] = []
        left = node.this
        while isinstance(left, exp.Dot) and isinstance(left.expression, exp.Identifier):
            names.append(fold(str(left.expression.this)))
            left = left.this
        if not isinstance(left, exp.Identifier) or self._rules.name not in _METHODS:
            return NOTHING
        names.append(fold(str(left.this)))
        return self._path(names[::-1], node, scope, whole=False)

    def _check_fields(self, node: exp.Expr, names: list[str]) -> None:
        """Fields behind a dot, of which the policy may block the name wherever it stands."""
        if self._policy.names and not self._policy.names.isdisjoint(names):
            self._refuse(node, "a field has the name of a blocked column")

    def _refuse(self, node: exp.Expr, why: str) -> None:
        """Refuse a column, shown as it is written."""
        part = node.sql(self._rules.parser)
        refuse(self._sql, rule="column", part=part, why=why, offset=offset_of(node))


NO_NAMES: frozenset[str] = frozenset()


def except_names(node: exp.Expr) -> frozenset[str]:
    """The folded names that a star's EXCEPT or EXCLUDE leaves out."""
    star = node if isinstance(node, exp.Star) else node.args.get("this")
    if not isinstance(star, exp.Star):
        return NO_NAMES
    left_out = star.args.get("except_") or ()
    return frozenset(fold(column.name) for column in left_out)


def _counts_rows(star: exp.Expr) -> bool:
    """``count(*)`` reads no column."""
    return isinstance(star.parent, exp.Count | exp.CountIf)
