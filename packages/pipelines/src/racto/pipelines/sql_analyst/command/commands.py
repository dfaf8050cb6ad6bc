"""What the commands of ``racto-sql`` do."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError
from racto.core.protocols.chat import ChatKit
from racto.pipelines.errors import ReadOnlyViolationError
from racto.pipelines.sql_analyst.charts import write_chart
from racto.pipelines.sql_analyst.charts.pictures import FORMATS as CHART_FORMATS
from racto.pipelines.sql_analyst.database import Database, SchemaOptions, render_schema
from racto.pipelines.sql_analyst.exports import FORMATS
from racto.pipelines.sql_analyst.exports.files import kind_of
from racto.pipelines.sql_analyst.guard import ReadOnlySQLGuard
from racto.pipelines.sql_analyst.pipeline import SQLAnalystPipeline
from racto.pipelines.sql_analyst.results import SQLAnalystResult

from .console import narrate, say, table
from .parts import address, chosen_kit, policy_of

DONE = 0
FOUND = 1
_SHOWN = 20

MakeKit = Callable[[str], ChatKit] | None


def perform(options: argparse.Namespace, make_kit: MakeKit) -> int:
    """Run the command that the options name; returns the exit code."""
    if options.command == "ask":
        return _ask(options, make_kit)
    return _COMMANDS[options.command](options)


def _ask(options: argparse.Namespace, make_kit: MakeKit) -> int:
    _check_files(options)
    with SQLAnalystPipeline(
        chosen_kit(options, make_kit),
        run_pandas=options.analysis != "none",
        # Without analysis the engine does not matter, and polars is there in any case.
        analysis_engine="polars" if options.analysis == "none" else options.analysis,
        chart="auto" if options.chart else None,
        allowed_tables=options.allow_table,
        blocked_columns=options.block_column,
        mask_columns=options.mask,
        max_rows=options.max_rows,
        timeout_s=options.timeout,
        max_plan_cost=options.max_plan_cost,
    ) as pipeline:
        result = pipeline.run(
            options.question, connection_string=address(options.database), on_step=narrate
        )
    # Shown before files are written: a full disk must not cost the answer.
    show_result(result, as_json=options.json, with_sql=options.show_sql)
    for path in filter(None, (options.csv, options.out)):
        kind = "csv" if path == options.csv else None
        result.write(path, format=kind, overwrite=options.overwrite)
        _note(f"rows: {path}")
    if options.chart:
        keep_chart(result, options.chart, overwrite=options.overwrite)
    return DONE


def show_result(result: SQLAnalystResult, *, as_json: bool, with_sql: bool) -> None:
    """Print a result: JSON, or statement, first rows and answer.

    Args:
        result: The result.
        as_json: Whether to print JSON.
        with_sql: Whether to print the statement too.
    """
    if as_json:
        say(result.model_dump_json(indent=2))
        return
    if with_sql:
        say(f"\n{result.sql_query}\n")
    table(result.columns, [list(row.values()) for row in result.preview(_SHOWN)])
    if result.row_count > _SHOWN:
        say(f"... {result.row_count - _SHOWN} more rows")
    if result.is_truncated:
        say("There are more rows in the database than were fetched.")
    if result.answer:
        say(f"\n{result.answer}\n")
    usage = result.usage
    price = "" if usage.cost is None else f", {usage.cost:.4f} {usage.total.currency}"
    _note(f"{usage.total_tokens} tokens{price}")


def keep_chart(result: SQLAnalystResult, path: str | Path, *, overwrite: bool) -> None:
    """Write a result's chart into a file, or say why there is none.

    Args:
        result: The result.
        path: Where to; its ending is the format.
        overwrite: Whether a file that is there may be replaced.
    """
    # Not an error: the rows and the answer are what was asked for.
    if result.plotly_figure is None:
        _note(f"no chart: {result.chart_error or 'these rows make none'}")
        return
    write_chart(result.plotly_figure, path, overwrite=overwrite)
    _note(f"chart: {path}")


def _check_files(options: argparse.Namespace) -> None:
    """Refuse an output file before anything is paid for."""
    wanted = (
        (options.chart, None, CHART_FORMATS),
        (options.csv, "csv", FORMATS),
        (options.out, None, FORMATS),
    )
    for path, kind, known in wanted:
        if path is None:
            continue
        kind_of(path, kind, known=known)
        if Path(path).exists() and not options.overwrite:
            raise ConfigurationError(f"{path} is there already; add --overwrite, or name another")
        if not Path(path).absolute().parent.is_dir():
            raise ConfigurationError(f"{path} cannot be written: there is no such folder")


def _check(options: argparse.Namespace) -> int:
    policy = policy_of(options)
    guard = ReadOnlySQLGuard(
        options.dialect,
        allowed_tables=policy.allowed_tables,
        blocked_columns=policy.blocked_columns or None,
    )
    try:
        verdict = guard.inspect(_statement(options.sql))
        # Masks are no matter of the guard's, and refuse conditions on their columns.
        policy.enforce(verdict)
    except ReadOnlyViolationError as error:
        if not options.json:
            raise
        facts = {name: getattr(error, name) for name in ("part", "rule", "line", "column")}
        say(_as_json({"passed": False, "reason": error.message, **facts}))
        return FOUND
    passed = verdict.sql
    say(json.dumps({"passed": True, "sql": passed}) if options.json else f"passes:\n{passed}")
    return DONE


def _statement(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    # A statement can be longer than a path may be.
    is_file = len(given) < 1000 and "\n" not in given and Path(given).is_file()
    # No statement ends so, and the guard would tell of a word that is not allowed.
    if not is_file and given.endswith(".sql") and " " not in given:
        raise ConfigurationError(f"there is no file {given}")
    return Path(given).read_text("utf-8") if is_file else given


def _schema(options: argparse.Namespace) -> int:
    wanted = SchemaOptions(include_samples=options.samples, include_row_counts=options.counts)
    with Database(address(options.database)) as database:
        found = database.describe(policy_of(options), options=wanted)
    say(
        _as_json([asdict(entry) for entry in found.tables])
        if options.json
        else render_schema(found)
    )
    return DONE


def _doctor(options: argparse.Namespace) -> int:
    with Database(address(options.database)) as database:
        report = database.examine()
    if options.json:
        say(_as_json(asdict(report)))
        return DONE if report.is_safe else FOUND
    who = f" as {report.user}" if report.user else ""
    say(f"{report.address}{who}: {len(report.findings)} findings, {len(report.checked)} checks")
    for finding in report.findings:
        say(f"\n{finding.severity.upper()} {finding.code}\n  {finding.what}\n  fix: {finding.fix}")
    return DONE if report.is_safe else FOUND


def _demo(options: argparse.Namespace) -> int:
    # The tour uses the functions above.
    from racto.pipelines.sql_analyst.demo import make_tour

    return make_tour(options.folder, as_json=options.json)


def _as_json(data: Any) -> str:
    return json.dumps(data, indent=2, default=str, ensure_ascii=False)


def _note(text: str) -> None:
    from .console import printable

    print(printable(text), file=sys.stderr)  # noqa: T201


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "check": _check,
    "schema": _schema,
    "doctor": _doctor,
    "demo": _demo,
}
