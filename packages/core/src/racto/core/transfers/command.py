"""The command ``racto-stores``: copy what a vector store holds into another one, and count."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict

from racto.core.errors import ConfigurationError, RactoGatewayError
from racto.core.protocols.stores import ChunkScan

from .addresses import StoreAddress
from .copying import copy_store
from .report import CopyProgress, CopyReport

DONE, FAILED, DIFFERS, INTERRUPTED = 0, 2, 3, 130

_EXAMPLES = """\
A store is the name of its plug-in and the options of its constructor; env:NAME takes a value from
the environment, for keys and passwords:

  racto-stores copy qdrant:path=./old "pgvector:dsn=env:DSN,table=docs"
  racto-stores copy chroma:path=./chroma,collection=docs qdrant:url=http://localhost:6333
  racto-stores count pinecone:index_name=docs,namespace=hr

A copy that was interrupted goes on when the same command runs again. Everything is read back and
compared. Exit codes: 0 done; 2 it could not be done, one line says why; 3 some chunks came back
otherwise than they were written; 130 interrupted.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``racto-stores``.

    Args:
        arguments: The command line without the program's name; the process's own when None.

    Returns:
        0 when done, 2 when it could not be done, 3 when chunks differ, 130 after Ctrl-C.
    """
    options = _parser().parse_args(arguments)
    try:
        perform: Callable[[argparse.Namespace], int] = options.perform
        return perform(options)
    except KeyboardInterrupt:
        print("Interrupted; run the same command again to go on.", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except (RactoGatewayError, OSError) as error:
        if options.debug:
            raise
        print(f"racto-stores: {error}", file=sys.stderr)  # noqa: T201
        return FAILED


def _parser() -> argparse.ArgumentParser:
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="racto-stores",
        description="Move and count what vector stores hold.",
        epilog=_EXAMPLES,
        formatter_class=layout,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    copy = commands.add_parser(
        "copy", help="copy one store into another", epilog=_EXAMPLES, formatter_class=layout
    )
    copy.add_argument("source", metavar="FROM", help="store to read")
    copy.add_argument("target", metavar="TO", help="store to write")
    copy.add_argument(
        "--page-size", type=int, default=1000, metavar="N",
        help="chunks at a time (default: %(default)s)",
    )  # fmt: skip
    copy.add_argument("--no-verify", action="store_true", help="do not read everything back")
    copy.set_defaults(perform=_copy)
    count = commands.add_parser("count", help="say how many chunks a store holds")
    count.add_argument("store", metavar="STORE", help="store to count")
    count.set_defaults(perform=_count)
    for command in (copy, count):
        command.add_argument("--json", action="store_true", help="print JSON")
        command.add_argument("--debug", action="store_true", help="show the whole traceback")
    return parser


def _copy(options: argparse.Namespace) -> int:
    addresses = StoreAddress.parse(options.source), StoreAddress.parse(options.target)
    with closing(addresses[0].open()) as source, closing(addresses[1].open()) as target:
        if not isinstance(source, ChunkScan):
            raise ConfigurationError(f"{addresses[0].name} cannot be gone through (no scan)")
        report = copy_store(
            source,
            target,
            page_size=options.page_size,
            verify=not options.no_verify,
            progress=_meter(),
        )
    if options.json:
        print(json.dumps({**asdict(report), "is_complete": report.is_complete}))  # noqa: T201
    else:
        _summarise(report)
    return DONE if report.is_complete else DIFFERS


def _count(options: argparse.Namespace) -> int:
    with closing(StoreAddress.parse(options.store).open()) as store:
        count = store.count()
    print(json.dumps({"count": count}) if options.json else count)  # noqa: T201
    return DONE


def _summarise(report: CopyReport) -> None:
    lines = [
        f"{report.copied} copied, {report.skipped} there already, {report.verified} compared "
        f"in {report.seconds:.1f} s; the target holds {report.target_count}"
    ]
    if report.differing:
        lines.append(f"came back changed: {', '.join(report.differing[:10])}")
    elif not report.is_complete:
        lines.append(f"the source holds {report.source_count}: some are missing")
    print("\n".join(lines))  # noqa: T201


def _meter() -> Callable[[CopyProgress], None]:
    """A line that moves in a terminal, and one now and then in a log."""
    every = 0.2 if sys.stderr.isatty() else 10.0
    last = time.monotonic()

    def tell(progress: CopyProgress) -> None:
        nonlocal last
        if (now := time.monotonic()) - last < every:
            return
        last = now
        total = "" if progress.total is None else f" of {progress.total}"
        end = "\r" if sys.stderr.isatty() else "\n"
        print(f"{progress.phase} {progress.done}{total} chunks   ", end=end, file=sys.stderr)  # noqa: T201

    return tell
