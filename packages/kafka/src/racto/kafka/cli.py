"""The entry point of ``racto-kafka``: parse, run one command, end with a documented exit code."""

from __future__ import annotations

import argparse
import logging
import os
import re
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from racto.core.errors import RactoGatewayError

from .arguments import make_parser

DONE = 0
FAILED = 2
INTERRUPTED = 130

# What a broker or a message says is a stranger's words, and a terminal would obey these.
_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``racto-kafka``.

    Args:
        arguments: The command line without the program's name; the process's own when None.

    Returns:
        0 when done, 2 when it could not be done, 130 after a second Ctrl-C; commands may have
        codes of their own, which their help names.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a question mark, not a crash.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = make_parser().parse_args(given)
        _configure_logs(getattr(options, "debug", False))
        return _command(options.perform)(options)
    except SystemExit as end:
        # What argparse does after --help and --version.
        return int(end.code or 0)
    except KeyboardInterrupt:
        _complain("interrupted; what was not committed comes again")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe, such as head, has seen enough; nothing may be flushed into it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (RactoGatewayError, ValueError, OSError) as error:
        if "--debug" in given:
            raise
        _complain("; ".join([str(error), *getattr(error, "__notes__", ())]))
        return FAILED
    except Exception as error:
        if "--debug" in given:
            raise
        _complain(
            f"unexpected {type(error).__name__}: {error}. This is a bug; --debug shows where it "
            "happens"
        )
        return FAILED


def _command(place: str | Callable[[argparse.Namespace], int]) -> Callable[..., int]:
    if callable(place):
        return place
    # Only the command that runs is loaded: --help takes no library.
    run: Callable[..., int] = import_module(place).perform
    return run


def _configure_logs(debug: bool) -> None:
    logger = logging.getLogger("racto.kafka")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("racto-kafka: %(message)s"))
        logger.addHandler(handler)
    logger.setLevel(logging.DEBUG if debug else logging.WARNING)


def _complain(text: str) -> None:
    shown = _COMMANDS.sub(lambda found: ascii(found[0])[1:-1], text)
    print(f"racto-kafka: {shown}", file=sys.stderr)  # noqa: T201
