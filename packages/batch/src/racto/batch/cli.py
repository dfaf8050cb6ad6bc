"""The entry point of ``racto-batch``: parse, run one command, end with a documented exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from racto.core.discovery import find
from racto.core.errors import ConfigurationError, DeadlineExceededError, RactoGatewayError

from .arguments import make_parser
from .processor import HostedBatchProcessor
from .shelf import Shelf

FAILED = 2
TIME_IS_UP = 3
INTERRUPTED = 130


def main(
    arguments: Sequence[str] | None = None,
    *,
    make_processor: Callable[[argparse.Namespace], HostedBatchProcessor] | None = None,
) -> int:
    """Run ``racto-batch``.

    Args:
        arguments: The command line without the program's name; the process's own when None.
        make_processor: Makes the processor of the options, for programs that have their own.

    Returns:
        0 when done, 1 when some items have no good reply, 2 when it could not be done, 3 when the
        time was up, 130 after Ctrl-C.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = make_parser().parse_args(given)
    except SystemExit as end:
        # What argparse does after --help and on mistakes.
        return int(end.code or 0)
    try:
        # Later than the parser: --help loads no provider.
        from .commands import perform

        with (make_processor or processor_of)(options) as processor:
            return perform(options, processor)
    except KeyboardInterrupt as error:
        notes = getattr(error, "__notes__", ())
        _complain("; ".join(["interrupted; jobs that were submitted go on", *notes]))
        return INTERRUPTED
    except DeadlineExceededError as error:
        if options.debug:
            raise
        _complain(_told(error))
        return TIME_IS_UP
    except (RactoGatewayError, OSError) as error:
        if options.debug:
            raise
        _complain(_told(error))
        return FAILED


def processor_of(options: argparse.Namespace) -> HostedBatchProcessor:
    """The processor that a command is for.

    Raises:
        ConfigurationError: If no provider is named, and the job is not known here.
    """
    provider, model = options.provider, options.model
    site = options.base_url
    if provider is None:
        job = Shelf(options.state).ledger.find(options.job_id)
        if job is None:
            raise ConfigurationError(
                f"job {options.job_id!r} was not submitted from here; say whose it is with "
                "--provider"
            )
        provider, model = job.provider, model or job.model or None
        site = site or job.site or None
    kind: Callable[..., HostedBatchProcessor] = find("racto.batches", provider)
    named = {} if model is None else {"model": model}
    return kind(**named, api_key=_key(options.key_env), base_url=site, state=options.state)


def _key(variable: str | None) -> str | None:
    if variable is None:
        return None
    # Never as an argument: other users of the machine can read those.
    key = os.environ.get(variable, "").strip()
    if not key:
        raise ConfigurationError(f"--key-env: the environment variable {variable} is not set")
    return key


def _told(error: BaseException) -> str:
    return "; ".join([str(error), *getattr(error, "__notes__", ())])


def _complain(text: str) -> None:
    # What a provider says is a stranger's words, and a terminal would obey some of them.
    safe = "".join(s if s.isprintable() or s == "\n" else ascii(s)[1:-1] for s in text)
    print(f"racto-batch: {safe}", file=sys.stderr)  # noqa: T201
