"""The command ``racto-cache``: finds the threshold of a semantic cache on labelled pairs."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from racto.core import discovery
from racto.core.errors import ConfigurationError, MissingExtraError, RactoGatewayError

if TYPE_CHECKING:
    from racto.cache.semantic import CalibrationReport
    from racto.cache.semantic.calibration import Progress

DONE = 0
FAILED = 2
UNSURE = 3
INTERRUPTED = 130

_ABOUT = "Tools for racto's caches."

_EXAMPLES = """\
A semantic cache answers a question with the reply to a similar one. How similar is enough depends
on the embedder and on what your users ask, so measure it: label pairs of questions, and take the
threshold at which the hits are right as often as you want.

The file is CSV or TSV with the header first,second,same, or a JSON object with these keys a line:

  first,second,same
  How do I reset my password?,I forgot my password,1
  Flights to Paris on Monday,Flights to Paris on Tuesday,0

Near misses, such as the second pair, teach the most. Several hundred pairs are needed before a
precision of 0.99 is more than a guess; the report says when they are too few.

examples:
  racto-cache calibrate pairs.csv
  racto-cache calibrate pairs.csv --precision 0.995 --plot calibration.html
  racto-cache calibrate pairs.jsonl --embedder openai --model text-embedding-3-small --json
  racto-cache calibrate pairs.tsv --thresholds 0.8,0.85,0.9,0.95

exit codes:
  0    done; the recommended threshold reaches the precision, and the pairs prove it
  2    it could not be done; one line says why and what to do
  3    done, but no threshold reaches the precision or the pairs are too few; the report says which
  130  interrupted
"""


class _Parser(argparse.ArgumentParser):
    """Raises where argparse would end the process, so that ``main`` alone decides how it ends."""

    def error(self, message: str) -> NoReturn:
        raise ConfigurationError(f"{message}; see: {self.prog} --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``racto-cache``.

    Args:
        arguments: The command line without the program's name; the process's own when None.

    Returns:
        0 when done, 2 when it could not be done, 3 when the recommendation is not sure, 130 after
        Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a question mark, not a crash.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _calibrate(make_parser().parse_args(given))
    except SystemExit as end:
        # What argparse does after --help and --version.
        return int(end.code or 0)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe, such as head, has seen enough; nothing may be flushed into it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (RactoGatewayError, OSError) as error:
        if "--debug" in given:
            raise
        print(f"racto-cache: {_plain(str(error))}", file=sys.stderr)  # noqa: T201
        return FAILED


def make_parser() -> argparse.ArgumentParser:
    """The parser of the command; ``parse_args`` raises ConfigurationError for mistakes."""
    parser = _Parser(
        prog="racto-cache",
        description=_ABOUT,
        epilog="racto-cache calibrate --help explains pairs, thresholds and exit codes.",
    )
    # Loading it costs more than all of the parser.
    from importlib.metadata import version

    number = version("racto-cache")
    parser.add_argument("--version", action="version", version=f"racto-cache {number}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    command = commands.add_parser(
        "calibrate",
        help="find the threshold of a semantic cache",
        description="Find the similarity from which on a semantic cache may answer.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_arguments(command)
    return parser


def _add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("pairs", type=Path, metavar="FILE", help="labelled pairs")
    command.add_argument(
        "--embedder", default=os.environ.get("RACTO_EMBEDDER") or "local", metavar="NAME",
        help="what makes the vectors, by its plug-in's name (default: local, or RACTO_EMBEDDER)",
    )  # fmt: skip
    command.add_argument("--model", metavar="NAME", help="model of the embedder")
    command.add_argument(
        "--precision", type=float, default=0.99, metavar="SHARE",
        help="share of the hits that must be right (default: %(default)s)",
    )  # fmt: skip
    command.add_argument(
        "--confidence", type=float, default=0.95, metavar="SHARE",
        help="how sure the figures must be (default: %(default)s)",
    )  # fmt: skip
    command.add_argument(
        "--thresholds", type=_thresholds, metavar="LIST",
        help="similarities to judge, with commas between (default: 0.50 to 1.00 by 0.01)",
    )  # fmt: skip
    command.add_argument("--limit", type=int, metavar="N", help="judge only the first N pairs")
    command.add_argument("--plot", type=Path, metavar="HTML", help="draw it into a file")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--debug", action="store_true", help="show the traceback of an error")


def _thresholds(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"not numbers with commas between: {text!r}") from None


def _calibrate(options: argparse.Namespace) -> int:
    # Here, for --help takes no numpy.
    from racto.cache.semantic import calibrate, read_pairs, write_plot
    from racto.cache.semantic.calibration import DEFAULT_THRESHOLDS

    if options.limit is not None and options.limit < 1:
        raise ConfigurationError(f"--limit must be 1 or more, not {options.limit}")
    pairs = read_pairs(options.pairs, limit=options.limit)
    model: dict[str, Any] = {"model": options.model} if options.model else {}
    embedder = discovery.create("racto.embedders", options.embedder, **model)
    with _progress() as progress:
        report = calibrate(
            pairs,
            embedder,
            options.thresholds or DEFAULT_THRESHOLDS,
            precision=options.precision,
            confidence=options.confidence,
            progress=progress,
        )
    # Before the table, so that a file that cannot be written is not told below it.
    if options.plot:
        write_plot(report, options.plot, title=f"{options.pairs.name}, {options.embedder}")
    if options.json:
        print(json.dumps(report.as_data(), indent=2, ensure_ascii=False))  # noqa: T201
    else:
        _show(report)
    return UNSURE if report.warnings else DONE


def _show(report: CalibrationReport) -> None:
    lines = [f"{report.same} pairs ask the same, {report.different} do not.", ""]
    lines.append("  threshold  precision  at least  recall     F1  false hits")
    shown = [one for one in report.figures if _is_shown(one.threshold, report)]
    for one in shown:
        precision = "      -" if one.precision is None else f"{one.precision:7.4f}"
        mark = "*" if one.threshold == report.recommended else " "
        lines.append(
            f"{mark} {one.threshold:9.4g}    {precision}   {one.precision_low:7.4f}  "
            f"{one.recall:6.3f} {one.f1:6.3f}  {one.false_hits:10d}"
        )
    lines.append("")
    if report.recommended is not None:
        lines.append(f"recommended: similarity_threshold={report.recommended:g}")
    lines += [f"warning: {warning}" for warning in report.warnings]
    print("\n".join(lines))  # noqa: T201


def _is_shown(threshold: float, report: CalibrationReport) -> bool:
    """Every twentieth for people, and whatever lies around the recommended one."""
    near = report.recommended is not None and abs(threshold - report.recommended) < 0.0201
    steps = threshold * 20
    return near or len(report.figures) <= 20 or abs(steps - round(steps)) < 1e-6


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on standard error, where somebody looks at it."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        display = _bar()
    except MissingExtraError:
        # Only a hint: a command that can do its work must not insist on looking good.
        yield None
        return
    with display:
        task = display.add_task("pairs", total=None)
        yield lambda done, total: display.update(task, completed=done, total=total)


def _bar() -> Any:
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
    except ImportError as error:
        raise MissingExtraError(
            "rich", install="racto-cache[cli]", purpose="A progress bar"
        ) from error
    columns = (MofNCompleteColumn(), BarColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _plain(text: str) -> str:
    """A text of a stranger's, in which a terminal would otherwise obey control characters."""
    return "".join(
        sign if sign.isprintable() or sign == " " else ascii(sign)[1:-1] for sign in text
    )
