"""The tables and views that a statement may name, and the columns that are known of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sqlglot import exp

from .dialects import DialectRules
from .folding import fold
from .policies import TablePolicy, split_name
from .shapes import Item
from .verdicts import ANY_COLUMN, ColumnOrigin, TableSchema

Schema = Mapping[str, TableSchema | Iterable[str]]


def read_schema(schema: Schema | None) -> dict[str, list[tuple[tuple[str, ...], str, TableSchema]]]:
    """A schema by folded table name: the parts of each full name, its spelling, its columns.

    Args:
        schema: From a table's name to its columns, or to a `TableSchema`.
    """
    found: dict[str, list[tuple[tuple[str, ...], str, TableSchema]]] = {}
    for name, table in (schema or {}).items():
        if not isinstance(table, TableSchema):
            table = TableSchema(columns=tuple(table))
        parts = tuple(fold(part) for part in split_name(name))
        found.setdefault(parts[-1], []).append((parts, ".".join(split_name(name)), table))
    return found


class TableCatalog:
    """Finds the columns of a table by the name that a statement gives it.

    Args:
        rules: The database's part of the rules.
        policy: The tables that may be named.
        schema: What `read_schema` made of the schema.
        view: Reads the definition of a view into its columns.
        refuse: Refuses a table, given why.
    """

    def __init__(
        self,
        rules: DialectRules,
        *,
        policy: TablePolicy,
        schema: dict[str, list[tuple[tuple[str, ...], str, TableSchema]]],
        view: Callable[[str, TableSchema], tuple[Item, ...]],
        refuse: Callable[[exp.Expr, str], None],
    ) -> None:
        self.rules = rules
        self._policy = policy
        self._schema = schema
        self._view = view
        self._refuse = refuse
        self.used: set[str] = set()

    def items(self, node: exp.Expr) -> tuple[Item, ...]:
        """The columns of a table or view.

        Args:
            node: A `sqlglot.exp.Table` that names one.

        Raises:
            ReadOnlyViolationError: It may not be named.
        """
        found = (node.args.get(key) for key in ("catalog", "db", "this"))
        parts = self._split([part for part in found if isinstance(part, exp.Identifier)])
        if not self._policy.allows(parts):
            self._refuse(node, "the table is not one of allowed_tables")
        written = ".".join(str(part.this) for part in parts)
        known = self._find(tuple(fold(str(part.this)) for part in parts))
        name, table = known or (written, TableSchema())
        self.used.add(name)
        if table.definition:
            return self._view(name, table)
        if not table.columns:
            origins = frozenset({ColumnOrigin(table=name, column=ANY_COLUMN)})
            return (Item(name=ANY_COLUMN, label=ANY_COLUMN, origins=origins, star=True),)
        return tuple(
            Item(
                name=fold(column),
                label=column,
                origins=frozenset({ColumnOrigin(table=name, column=column)}),
                verbatim=True,
            )
            for column in table.columns
        )

    def _split(self, parts: list[exp.Expr]) -> list[exp.Expr]:
        """BigQuery quotes dotted names as one."""
        if self.rules.name != "bigquery":
            return parts
        names = [name for part in parts for name in str(part.this).split(".")]
        return [exp.Identifier(this=name, quoted=True) for name in names]

    def _find(self, parts: tuple[str, ...]) -> tuple[str, TableSchema] | None:
        """The one table of the schema that a name can mean; None when there is none or several."""
        defaults = self.rules.default_schemas
        found = []
        for full, name, table in self._schema.get(parts[-1], ()):
            pairs = zip(reversed(full), reversed(parts), strict=False)
            if not all(left == right for left, right in pairs):
                continue
            if len(parts) > len(full) and not set(parts[: -len(full)]) <= defaults:
                continue
            found.append((name, table, len(full) > 1 and full[-2] in defaults))
        # Of two tables of one name, a bare name means that in the default schema.
        if len(found) > 1 and len(parts) == 1:
            found = [entry for entry in found if entry[2]] or found
        return (found[0][0], found[0][1]) if len(found) == 1 else None
