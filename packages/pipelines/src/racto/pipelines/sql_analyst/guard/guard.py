"""The guard itself: a statement goes in, and the text that may run comes out, or a refusal."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from sqlglot import exp

from racto.pipelines.errors import ReadOnlyViolationError

from .calls import Names, WordCheck
from .dialects import rules_of
from .inspection import Inspection
from .lexing import Lexed, Lexer, Limits
from .lineage import LineageReader
from .parsing import StatementParser
from .policies import BlockedColumns, ColumnPolicy, TablePolicy
from .refusals import offset_of, refuse
from .shapes import Item, renamed, unknown_table
from .sizes import SizeCheck
from .tables import Schema, TableCatalog, read_schema
from .verdicts import OutputColumn, TableSchema, Verdict

_MOST_REMEMBERED = 256
_KINDS: dict[type, str] = {exp.Values: "values", exp.Select: "select", exp.Pivot: "select"}


class ReadOnlySQLGuard:
    """Passes statements that only read, and refuses all others, those not understood included.

    A statement is cut into tokens, parsed in the database's own dialect, and held against lists
    of what is allowed: kinds of syntax, functions, tables, columns. What is on no list is refused.
    The text that comes back consists of the tokens that were checked, without comments, and with
    strings spelled so that the server's settings cannot move their ends. It means what was
    written.

    Args:
        dialect: The database: ``"postgresql"``, ``"mysql"``, ``"mariadb"``, ``"sqlite"``,
            ``"duckdb"``, ``"tsql"`` (``"mssql"``), ``"bigquery"`` or ``"snowflake"``, also as
            SQLAlchemy writes it (``"postgresql+psycopg"``).
        allowed_tables: The tables and views that may be named; None allows all that are not of
            the catalogue. A name without a schema means one in the default schema.
        blocked_columns: Columns that may not be read in any way: ``"ssn"`` in every table,
            ``"users.ssn"``, ``"users.*"``, or a mapping from tables to columns.
        max_rows: A cap on rows for whoever fetches them; it is handed on in the verdict, for a
            LIMIT in the text would change what the statement means.
        schema: The columns of tables, and the definitions of views, by name. With it stars and
            bare names are resolved; without it a star on a table that may have a blocked column
            is refused.
        allowed_functions: Functions of your own, ``"margin"`` or ``"sales.margin"``, that only
            compute.
        limits: How large a statement may be.

    Raises:
        ConfigurationError: The dialect is not known, or a name is empty.
    """

    def __init__(
        self,
        dialect: str,
        *,
        allowed_tables: Iterable[str] | None = None,
        blocked_columns: BlockedColumns | None = None,
        max_rows: int | None = None,
        schema: Schema | None = None,
        allowed_functions: Iterable[str] = (),
        limits: Limits | None = None,
    ) -> None:
        self._rules = rules_of(dialect)
        self._parser = StatementParser(self._rules)
        self._lexer = Lexer(self._rules, limits=limits or Limits())
        functions = frozenset(name.lower() for name in allowed_functions)
        self._words = WordCheck(self._rules, functions=functions)
        self._sizes = SizeCheck()
        self._tables = TablePolicy(allowed_tables, rules=self._rules)
        self._columns = ColumnPolicy(blocked_columns)
        self._schema = read_schema(schema)
        self._max_rows = max_rows
        self._passed: dict[str, str] = {}
        self._views: dict[str, tuple[Item, ...]] = {}

    def check(self, sql: str) -> str:
        """The statement that may run.

        Args:
            sql: One statement; a semicolon at its end and comments do not matter.

        Returns:
            Its text, without comments.

        Raises:
            ReadOnlyViolationError: It is refused; the error names the part, the rule and the
                place.
        """
        # A retry asks the same again, and the answer depends on the text alone.
        passed = self._passed.get(sql)
        if passed is None:
            passed = self._checked(sql)
            if len(self._passed) >= _MOST_REMEMBERED:
                self._passed.clear()
            self._passed[sql] = passed
        return passed

    def _checked(self, sql: str) -> str:
        """The statement that may run, looked at anew."""
        lexed, root, _ = self._accept(sql)
        # Following columns costs as much as all the rest; without a policy nobody needs it.
        if self._tables.limited or self._columns.active:
            self._trace(sql, root)
        return lexed.text

    def inspect(self, sql: str) -> Verdict:
        """The statement that may run, and what it reads: tables, columns, functions.

        Args:
            sql: One statement; a semicolon at its end and comments do not matter.

        Raises:
            ReadOnlyViolationError: It is refused, as `check` would.
        """
        lexed, root, functions = self._accept(sql)
        items, reader, catalog = self._trace(sql, root)
        return Verdict(
            sql=lexed.text,
            kind=_KINDS.get(
                root.__class__, "set" if isinstance(root, exp.SetOperation) else "select"
            ),
            tables=frozenset(catalog.used),
            outputs=tuple(
                OutputColumn(name=item.label, origins=item.origins, verbatim=item.verbatim)
                for item in items
            ),
            complete=not any(item.star for item in items),
            conditions=frozenset(reader.conditions),
            functions=functions,
            max_rows=self._max_rows,
        )

    def _accept(self, sql: str) -> tuple[Lexed, exp.Expr, frozenset[str]]:
        """A statement that only reads, whatever it reads."""
        lexed = self._lexer.lex(sql)
        root = self._parser.parse(sql, lexed)
        names: Names = Inspection(self._rules, sql).inspect(root)
        functions = self._words.check(sql, lexed.tokens, names)
        self._sizes.check(sql, lexed.tokens, names.ctes)
        return lexed, root, functions

    def _trace(
        self, sql: str, root: exp.Expr
    ) -> tuple[tuple[Item, ...], LineageReader, TableCatalog]:
        """The columns of the result, tables and blocked columns held against the policy."""
        try:
            reader, catalog = self._reader(sql, self._tables, self._columns)
            return reader.query(root, None, {}), reader, catalog
        except RecursionError:
            refuse(sql, rule="depth", part=sql, why="its parts stand in one another too deep")

    def _reader(
        self, sql: str, tables: TablePolicy, columns: ColumnPolicy
    ) -> tuple[LineageReader, TableCatalog]:
        """A reader for one statement."""
        catalog = TableCatalog(
            self._rules,
            policy=tables,
            schema=self._schema,
            view=self._view,
            refuse=partial(self._refuse_table, sql),
        )
        return LineageReader(catalog, sql, policy=columns), catalog

    def _view(self, name: str, table: TableSchema) -> tuple[Item, ...]:
        """The columns of a view, from its definition, which may name any table."""
        if name not in self._views:
            # Who made the view chose what it may read; only what it shows is held against the policy.
            tables, columns = TablePolicy(None, rules=self._rules), ColumnPolicy(None)
            sql = table.definition
            try:
                lexed = self._lexer.lex(sql)
                reader, _ = self._reader(sql, tables, columns)
                items = reader.query(self._parser.parse(sql, lexed), None, {})
            except (ReadOnlyViolationError, RecursionError):
                # What is not understood may show any column of any table.
                items = (unknown_table(),)
            self._views[name] = renamed(items, list(table.columns))
        return self._views[name]

    def _refuse_table(self, sql: str, table: exp.Expr, why: str) -> None:
        """Refuse a table, shown as it is written."""
        part = table.sql(self._rules.parser)
        refuse(sql, rule="table", part=part, why=why, offset=offset_of(table))
