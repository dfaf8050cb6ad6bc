"""The entry point: parse, run one command, and end with a documented exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from racto.core.errors import RactoGatewayError

from .arguments import make_parser

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
        print(f"racto-rag: {error}", file=sys.stderr)  # noqa: T201
        return FAILED
    except Exception as error:
        if "--debug" in given:
            raise
        kind = type(error).__name__
        print(  # noqa: T201
            f"racto-rag: unexpected {kind}: {error}. This is a bug; --debug shows where it happens",
            file=sys.stderr,
        )
        return FAILED


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    # Only the command that runs is loaded: --help takes no library.
    module = import_module(f"racto.rag.cli.{name}")
    run: Callable[[argparse.Namespace], int] = module.perform
    return run
