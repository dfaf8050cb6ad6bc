"""The entry point: parse, run one command, and end with a documented exit code."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Final

from racto.core.errors import RactoGatewayError

from .exits import DONE, INTERRUPTED, UNREACHED, USAGE, CommandError, in_options
from .notices import NoticeHandler, Notices
from .parser import parsed

_ROOMS: Final = {
    "list": "listing",
    "call": "call",
    "read": "reading",
    "prompt": "prompting",
    "inspect": "inspection",
    "serve": "serving",
}
_MOST_DETAILS: Final = 12


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``racto-mcp``.

    Args:
        arguments: The command line without the program's name; the process's own when None.

    Returns:
        0 when done, 1 for findings, 2 for a wrong command line, 3 when a server cannot be
        reached, 4 when a tool failed, 130 after Ctrl-C.
    """
    _take_any_character()
    notices = Notices()
    # Known only once the line is parsed, and asked for when it could not be.
    verbose = 0
    try:
        options = parsed(list(sys.argv[1:] if arguments is None else arguments))
        options.notices, verbose = notices, options.verbose
        with _logging_to(notices, verbose):
            code = _command(options.command)(options)
            # Here, where a reader that is gone is still told from a fault.
            sys.stdout.flush()
            return code
    except SystemExit as end:
        # What argparse does after --help and --version.
        return int(end.code or 0)
    except KeyboardInterrupt:
        notices.end_line()
        notices.tell("racto-mcp: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe, such as head, has seen enough; nothing may be flushed into it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        if verbose > 1:
            notices.tell(traceback.format_exc())
        return _told(error, notices)


def _take_any_character() -> None:
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a question mark, not a crash.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")


def _told(error: Exception, notices: Notices) -> int:
    """Say what went wrong, and which exit code that is."""
    if isinstance(error, CommandError):
        return _tell(notices, error.message, error.details, error.code)
    if isinstance(error, RactoGatewayError):
        first, *rest = in_options(error.message).splitlines() or [type(error).__name__]
        return _tell(notices, first, rest, UNREACHED)
    if isinstance(error, OSError):
        return _tell(notices, str(error), (), USAGE)
    # No exit code of its own: whoever reads 2 looks at the line above it.
    what = f"unexpected {type(error).__name__}: {error}"
    return _tell(notices, f"{what}. This is a bug; -vv shows where it happens", (), USAGE)


def _tell(notices: Notices, first: str, details: Sequence[str], code: int) -> int:
    notices.paragraph(f"racto-mcp: {first}")
    # The end of a server's last words tells most.
    for line in details[-_MOST_DETAILS:]:
        notices.tell(f"  {line}")
    return code


@contextmanager
def _logging_to(notices: Notices, verbose: int) -> Iterator[None]:
    """Shows logs on standard error: warnings, with -v the server's lines, with -vv all."""
    handler: logging.Handler = NoticeHandler(notices, has_traces=verbose > 1)
    handler.setLevel(logging.DEBUG if verbose else logging.WARNING)
    ours, root = logging.getLogger("racto.tools.mcp"), logging.getLogger()
    # Libraries complain of what is told here in better words.
    loggers = [root] if verbose > 1 else [ours]
    # What nobody handles Python prints to standard error, and it would come unasked.
    quiet = logging.NullHandler()
    root.addHandler(quiet)
    levels = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG if verbose else logging.WARNING)
    try:
        yield
    finally:
        root.removeHandler(quiet)
        for logger, level in levels:
            logger.removeHandler(handler)
            logger.setLevel(level)


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    # Only the command that runs is loaded: --help takes no library.
    module = import_module(f"racto.tools.mcp.cli.{_ROOMS[name]}")
    run: Callable[[argparse.Namespace], int] = module.perform
    return run
