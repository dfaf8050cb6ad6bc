"""The command line of ``racto-sql``: its commands, their options, and help that teaches."""

from __future__ import annotations

import argparse

DIALECTS = ("postgres", "mysql", "sqlite", "duckdb", "tsql", "bigquery", "snowflake")

_DATABASE = (
    "a connection string (postgresql://user@host/shop), a SQLite or DuckDB file, or env:NAME for a "
    "connection string in an environment variable, so that no password is on the command line"
)
_EPILOG = """\
examples:
  racto-sql demo
  racto-sql ask shop.db "Revenue by month?" --kit openai/gpt-5.4-mini --chart revenue.html
  racto-sql ask env:SHOP_URL "Top 5 customers?" --kit anthropic --mask email --csv top.csv
  racto-sql check postgres "SELECT * INTO copy FROM orders"
  racto-sql schema shop.duckdb
  racto-sql doctor env:SHOP_URL

Keys of model providers come from the environment: OPENAI_API_KEY, ANTHROPIC_API_KEY, ...
Exit codes: 0 done; 1 refused, unanswerable, or something critical was found; 2 not done;
130 interrupted.
"""


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="racto-sql",
        description="Ask a database in plain words. It is only ever read.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # Behind the command, where people write options.
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print JSON instead of words")
    shared.add_argument("--debug", action="store_true", help="show where an error came from")
    # The same rules in three commands, so that what was tried in one holds in the others.
    rules = argparse.ArgumentParser(add_help=False)
    _add_rules(rules)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_ask(commands.add_parser("ask", parents=[shared, rules], help="answer a question"))

    check = commands.add_parser(
        "check", parents=[shared, rules], help="see whether the guard lets a statement through"
    )
    check.add_argument("dialect", metavar="DIALECT", choices=DIALECTS, help=", ".join(DIALECTS))
    check.add_argument("sql", metavar="SQL|FILE", help="a statement, a file of one, or - for stdin")

    schema = commands.add_parser(
        "schema", parents=[shared, rules], help="show what a model gets to see of a database"
    )
    schema.add_argument("database", metavar="DATABASE", help=_DATABASE)
    schema.add_argument("--samples", action="store_true", help="with sample values")
    schema.add_argument("--counts", action="store_true", help="with numbers of rows")

    doctor = commands.add_parser(
        "doctor", parents=[shared], help="find what the connected user could do beside reading"
    )
    doctor.add_argument("database", metavar="DATABASE", help=_DATABASE)

    demo = commands.add_parser(
        "demo", parents=[shared], help="a tour on a small shop, offline and without a key"
    )
    demo.add_argument("--folder", metavar="DIR", help="where to put shop.db and the chart")
    return parser


def _add_rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--allow-table", action="append", metavar="TABLE",
                        help="a table that may be read; without any, all may (repeatable)")  # fmt: skip
    parser.add_argument("--block-column", action="append", metavar="COLUMN", default=[],
                        help="a column that no statement may name (repeatable)")  # fmt: skip
    parser.add_argument("--mask", action="append", metavar="COLUMN", default=[],
                        help="a column whose values are hidden (repeatable)")  # fmt: skip


def _add_ask(ask: argparse.ArgumentParser) -> None:
    ask.add_argument("database", metavar="DATABASE", help=_DATABASE)
    ask.add_argument("question", metavar="QUESTION", help="what you want to know")
    ask.add_argument("--kit", metavar="PROVIDER/MODEL",
                     help="who writes SQL and answer, such as openai/gpt-5.4-mini; the model may be "
                          "left out (default: $RACTO_SQL_KIT)")  # fmt: skip
    ask.add_argument("--chart", metavar="FILE", help="write the chart: .html, .png, .svg or .json")
    ask.add_argument("--csv", metavar="FILE", help="write the rows as CSV")
    ask.add_argument("--out", metavar="FILE",
                     help="write the rows as .csv, .json, .jsonl, .xlsx, .parquet or .md")  # fmt: skip
    ask.add_argument("--overwrite", action="store_true", help="replace files that are there")
    ask.add_argument("--show-sql", action="store_true", help="print the statement too")
    ask.add_argument("--analysis", choices=("pandas", "polars", "none"), default="none",
                     help="have the model analyse the rows with code, in a sandbox (none)")  # fmt: skip
    ask.add_argument("--max-rows", type=int, default=10_000, metavar="N", help="rows (10000)")
    ask.add_argument("--timeout", type=float, default=30.0, metavar="S",
                     help="seconds for the statement (30)")  # fmt: skip
    ask.add_argument("--max-plan-cost", type=float, metavar="COST",
                     help="highest cost that the database's planner may expect")  # fmt: skip
