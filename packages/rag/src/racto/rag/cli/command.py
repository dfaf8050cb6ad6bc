"""The entry point: parse, run one command, and end with a documented exit code."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module

from racto.core.errors import RactoGatewayError

from .arguments import make_parser
from .console import printable

DONE = 0
FAILED = 2
PARTIAL = 3
INTERRUPTED = 130

_GOES_ON = "Interrupted. What was finished is kept; run the same command again to go on."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``racto-rag``.

    Args:
        arguments: The command line without the program's name; the process's own when None.

    Returns:
        0 when done, 2 when it could not be done, 3 when some files were skipped, 130 after
        Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a question mark, not a crash.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = make_parser().parse_args(given)
        with _calm_libraries(options.debug):
            return _command(options.command)(options)
    except SystemExit as end:
        # What argparse does after --help and --version.
        return int(end.code or 0)
    except KeyboardInterrupt:
        print(_GOES_ON, file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe, such as head, has seen enough; nothing may be flushed into it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (RactoGatewayError, OSError) as error:
        if "--debug" in given:
            raise
        print(f"racto-rag: {printable(str(error))}", file=sys.stderr)  # noqa: T201
        return FAILED
    except Exception as error:
        if "--debug" in given:
            raise
        what = printable(f"{type(error).__name__}: {error}")
        print(  # noqa: T201
            f"racto-rag: unexpected {what}. This is a bug; --debug shows where it happens",
            file=sys.stderr,
        )
        return FAILED


@contextmanager
def _calm_libraries(debug: bool) -> Iterator[None]:
    # What nobody handles Python prints to standard error, and libraries that read documents
    # complain of every other file; whether it can be read is said in the summary.
    handler = logging.StreamHandler() if debug else logging.NullHandler()
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    # Only the command that runs is loaded: --help takes no library.
    module = import_module(f"racto.rag.cli.{name.replace('-', '_')}")
    run: Callable[[argparse.Namespace], int] = module.perform
    return run
