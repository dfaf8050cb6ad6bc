"""What is looked at beside the class of a node: names of tables, types, hints, functions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from .calls import Names
from .dialects import DialectRules
from .words import listed

_SESSION_NAMES = listed(
    "current_user session_user system_user current_role current_schema current_catalog"
)
_USER_IS_A_FUNCTION = frozenset({"postgresql", "duckdb", "tsql"})
_TABLE_HINTS = listed(
    "nolock readuncommitted readcommitted readpast noexpand forceseek forcescan index"
)
_QUERY_OPTIONS = listed("""
    recompile maxdop fast force hash merge loop concat order keep keepfixed maxrecursion optimize
    robust expand path auto raw explicit root elements include_null_values without_array_wrapper
    type binary base64 xsinil absent xmlschema no_performance_spool
    """)
_TABLE_ARGS = listed("""
    this alias db catalog joins pivots hints sample only indexed ordinality rows_from version
    laterals match limit partition
    """)
# DuckDB reads a table's name as a file when it looks like one: FROM "s3://...", FROM 'x.csv'.
_FILE_SIGNS = frozenset("./\\:*?[]{}~")
_STATEMENT_WORDS = listed("""
    abort alter analyze attach backup begin binlog cache call change check checkpoint clone close
    cluster comment commit copy create deallocate declare delete deny desc describe detach discard
    do drop dump end exec execute explain export fetch flush force get go grant handler help import
    insert install kill let list listen load lock ls merge move notify open optimize pragma prepare
    print purge put read reassign rebuild reconfigure refresh reindex release remove rename repair
    replace reset restart restore resume revert revoke rm rollback run savepoint security set show
    shutdown signal start stop summarize suspend sync truncate undrop unlisten unlock unset update
    use vacuum waitfor xa
    """)
_WORDS = re.compile(r"\w+")
_VARIABLE_SIGNS = ("$", "@")
# `sequence.NEXTVAL` draws from a sequence: in Snowflake, and in MariaDB's Oracle mode.
_SEQUENCE_COLUMNS = frozenset({"nextval", "currval", "lastval"})
_SEQUENCES_AS_TABLES = frozenset({"snowflake", "mysql"})
# DuckDB's short PIVOT may stand where a query may.
_CTE_BODIES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values, exp.Pivot)
_CATALOGUE_TYPES = ("reg", "pg_", "oid")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Why a node is refused.

    Args:
        rule: The short name of the rule.
        why: The reason, as the second half of a sentence.
    """

    rule: str
    why: str


def _identifier(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """Note a name and where it stands; one that the parser did not place, by its text."""
    meta = node.meta
    start = meta.get("start") if meta else None
    if start is None:
        names.texts.add(str(node.this).lower())
    else:
        names.starts.add(start)
        # BigQuery's project names hold dashes without quotes: several words are one name.
        if rules.name == "bigquery" and "-" in node.this and not node.args.get("quoted"):
            names.texts.update(str(node.this).lower().split("-"))
    if str(node.this)[:1] in _VARIABLE_SIGNS and not node.args.get("quoted"):
        return Finding(rule="variable", why="variables and parameters are not readable")
    return None


def _var(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """Note a bare word, which may be several in one."""
    text = str(node.this).lower()
    if text.startswith(_VARIABLE_SIGNS):
        return Finding(rule="variable", why="variables and stages are not readable")
    names.texts.add(text)
    names.texts.update(_WORDS.findall(text))
    return None


def _path_key(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """Snowflake's ``column:key.key``: the keys are words of the text."""
    if rules.name == "snowflake":
        names.texts.add(str(node.this).lower())
    return None


def _rows(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """Snowflake's ``TABLE(...)`` holds a call; with a text in it, it names any table."""
    if isinstance(node.args.get("this"), exp.Func):
        return None
    return _no_name()


def _column(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """A column is named by a name or is a star; some names are functions of the session."""
    this = node.args.get("this")
    if isinstance(this, exp.Identifier):
        # Without quotes and table these are calls without parentheses.
        name = str(this.this).lower()
        if name in _SESSION_NAMES or (name == "user" and rules.name in _USER_IS_A_FUNCTION):
            bare = not this.args.get("quoted") and not node.args.get("table")
            if bare:
                return Finding(rule="function", why="the session's user and schema are private")
        sequence = name in _SEQUENCE_COLUMNS and rules.name in _SEQUENCES_AS_TABLES
        if sequence and node.args.get("table"):
            return Finding(rule="function", why="drawing from a sequence writes")
        return None
    if isinstance(this, exp.Star | exp.Parameter | exp.Func):
        return None
    return Finding(rule="syntax", why="a column is named by a name, not by a value")


def _parameter(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """Snowflake's ``$1`` is a column by its number; every other parameter is a variable."""
    this = node.args.get("this")
    # Its values cannot be set by a statement, unlike those of $name.
    if rules.name == "snowflake" and this.__class__ is exp.Literal and not this.is_string:
        return None
    return Finding(rule="variable", why="variables and parameters are not readable")


def _dot(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """Behind a dot stands a name, a star or a call."""
    right = node.args.get("expression")
    if isinstance(right, exp.Identifier | exp.Star | exp.Func | exp.Bracket | exp.Dot | exp.Var):
        return None
    return Finding(rule="syntax", why="behind a dot stands a name, not a value")


def _anonymous(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """The name of a function that the parser does not know: its call is checked in the text."""
    this = node.args.get("this")
    if isinstance(this, str | exp.Identifier):
        return None
    return Finding(rule="function", why="a function is named by a name")


def _table(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """A table has a plain name, is none of the catalogue, and is read as it is now."""
    for key, value in node.args.items():
        if value and key in ("when", "changes"):
            return Finding(rule="time-travel", why="a table is read as it is now")
        if value and key not in _TABLE_ARGS:
            return Finding(rule="table", why=f"a table is read without {key.upper()}")
    this = node.args.get("this")
    if this is None:
        return None if node.args.get("rows_from") else _no_name()
    if this.__class__ is not exp.Identifier:
        return None if isinstance(this, exp.Func) else _no_name()
    name = str(this.this)
    if node.args.get("db") == "" and not node.args.get("catalog"):
        return _no_name()
    schemas = [
        part
        for key in ("db", "catalog")
        if isinstance(owner := node.args.get(key), exp.Identifier)
        for part in str(owner.this).split(".")
    ]
    if rules.name == "bigquery":
        # One quoted name may hold the project, the data set and the table.
        *more, name = name.split(".") if "information_schema" not in name.lower() else ["", name]
        schemas.extend(more)
    matches = rules.schemas.fullmatch
    if rules.tables.fullmatch(name) or any(matches(part) for part in schemas):
        return Finding(rule="catalogue", why="the catalogue of the database is not readable")
    if rules.name == "duckdb" and not _FILE_SIGNS.isdisjoint(name + "".join(schemas)):
        return Finding(rule="file", why="DuckDB would read a file or an address of that name")
    return None


def _no_name() -> Finding:
    """A table that is neither a name nor a function."""
    return Finding(rule="table", why="a table is named by a plain name")


def _data_type(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """A type of the catalogue looks names up in it when a value is cast to it."""
    kind = node.args.get("kind")
    if kind is None:
        return None
    # Types of one's own, such as enums, pass: a cast to them only reads their definition.
    text = (kind if isinstance(kind, str) else kind.sql()).lower().replace('"', "")
    names.texts.add(text)
    names.texts.update(part for part in text.replace(".", " ").split())
    if text.rpartition(".")[2].startswith(_CATALOGUE_TYPES):
        return Finding(rule="type", why="types that name catalogue objects look into the catalogue")
    return None


def _table_hint(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """Hints of SQL Server: those that take locks are refused."""
    for hint in node.expressions:
        if str(hint.name or hint.this).lower().split("(")[0] not in _TABLE_HINTS:
            return Finding(rule="lock", why="hints that take locks are refused")
    return None


def _query_option(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """Options of SQL Server: of the planner, or of the form of the result."""
    words = str(node.this.name or node.this.this).lower().split() if node.this else []
    if words and words[0] in _QUERY_OPTIONS:
        names.texts.update(words)
        return None
    return Finding(rule="hint", why="the option is not one of planning or of form")


def _alias_list(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """The name of a table alias or a CTE, behind which a list of columns may stand."""
    this = node.args.get("this")
    if this is not None:
        names.lists.add(str(this.name).lower())
    for column in node.args.get("columns") or ():
        name = column if isinstance(column, exp.Identifier) else column.args.get("this")
        if not isinstance(name, exp.Identifier) or str(name.this)[:1].isdigit():
            return Finding(rule="syntax", why="a list of columns holds names")
    return None


def _cte(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """A CTE is a query; its name may have a list of columns behind it."""
    # Whether it ends is checked later, when all of them are known.
    names.ctes.append(node)
    if isinstance(node.args.get("this"), _CTE_BODIES):
        return None
    return Finding(rule="statement", why="a CTE is a query, and nothing else")


def _subquery(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """Parentheses hold a query or a join; other statements look like a table with an alias."""
    this = node.args.get("this")
    if isinstance(this, exp.Table) and isinstance(this.this, exp.Identifier):
        # The parser reads (TRUNCATE t) as a table TRUNCATE with the alias t.
        word = str(this.this.this).lower().split(" ")[0]
        if word in _STATEMENT_WORDS and not this.this.args.get("quoted"):
            return Finding(rule="statement", why="parentheses hold a query, and nothing else")
    return None


def _partition(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """MySQL's partitions of a table: names alone, for no column is looked for in them."""
    for part in node.expressions:
        name = part.args.get("this") if isinstance(part, exp.Column) else part
        if not isinstance(name, exp.Identifier) or len(list(part.find_all(exp.Identifier))) != 1:
            return Finding(rule="syntax", why="partitions are named, and nothing else")
    return None


def _select(node: exp.Expr, rules: DialectRules, names: Names) -> Finding | None:
    """Count the SELECT clauses."""
    names.selects += 1
    return None


DETAILS: dict[type, Callable[[exp.Expr, DialectRules, Names], Finding | None]] = {
    exp.Identifier: _identifier,
    exp.Var: _var,
    exp.Column: _column,
    exp.Parameter: _parameter,
    exp.Dot: _dot,
    exp.Anonymous: _anonymous,
    exp.Table: _table,
    exp.DataType: _data_type,
    exp.WithTableHint: _table_hint,
    exp.QueryOption: _query_option,
    exp.TableAlias: _alias_list,
    exp.CTE: _cte,
    exp.Subquery: _subquery,
    exp.TableFromRows: _rows,
    exp.JSONPathKey: _path_key,
    exp.Select: _select,
    exp.Partition: _partition,
}
"""The check for each class that needs one beside being allowed."""
