"""The entry point of ``racto-sql``: parse, run one command, end with a documented exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from racto.core.errors import RactoGatewayError
from racto.core.protocols.chat import ChatKit
from racto.pipelines.errors import CannotAnswerError, ReadOnlyViolationError

from .arguments import make_parser
from .console import printable

REFUSED = 1
FAILED = 2
INTERRUPTED = 130


def main(
    arguments: Sequence[str] | None = None,
    *,
    make_kit: Callable[[str], ChatKit] | None = None,
) -> int:
    """Run ``racto-sql``.

    Args:
        arguments: The command line without the program's name; the process's own when None.
        make_kit: Makes a kit of ``--kit``, for programs that have their own.

    Returns:
        0 when done, 1 when a statement was refused, the question cannot be answered or an
        examination found something critical, 2 when it could not be done, 130 after Ctrl-C.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = make_parser().parse_args(given)
    except SystemExit as end:
        # What argparse does after --help and on mistakes.
        return int(end.code or 0)
    try:
        # Later than the parser: --help loads no database.
        from .commands import perform

        return perform(options, make_kit)
    except KeyboardInterrupt:
        _complain("interrupted; the statement was stopped")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe, such as head, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (RactoGatewayError, OSError) as error:
        if options.debug:
            raise
        _complain("; ".join([str(error), *getattr(error, "__notes__", ())]))
        is_refusal = isinstance(error, ReadOnlyViolationError | CannotAnswerError)
        return REFUSED if is_refusal else FAILED


def _complain(text: str) -> None:
    print(f"racto-sql: {printable(' '.join(text.split()))}", file=sys.stderr)  # noqa: T201
