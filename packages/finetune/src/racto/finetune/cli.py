"""The command ``racto-finetune``: datasets checked and converted, and tuning jobs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from racto.core.errors import ConfigurationError, RactoGatewayError

from . import data_commands, tune_commands

DONE = 0
FAILED = 2
INTERRUPTED = 130

_ABOUT = "Prepare training data for any trainer, and run tuning jobs."

_FIRST_STEPS = """\
first steps:
  racto-finetune summary chats.jsonl                      what is in it
  racto-finetune validate chats.jsonl --for openai        what a trainer would refuse
  racto-finetune split chats.jsonl --no-leaks             train.jsonl and validation.jsonl
  racto-finetune convert train.jsonl out.jsonl --to gemini
  racto-finetune estimate train.jsonl --price 25          tokens and money

exit codes:
  0    done
  1    the tuning job failed or was cancelled
  2    it could not be done; one line says why and what to do
  3    done, and there are findings: the data is not fit as it is
  4    the time is up and the tuning job goes on; wait again
  130  interrupted
"""


class _Parser(argparse.ArgumentParser):
    """Raises where argparse would end the process, so that ``main`` alone decides how it ends."""

    def error(self, message: str) -> NoReturn:
        raise ConfigurationError(f"{message}; see: {self.prog} --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``racto-finetune``.

    Args:
        arguments: The command line without the program's name; the process's own when None.

    Returns:
        The exit code, as ``--help`` lists them.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a question mark, not a crash.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = make_parser().parse_args(given)
        return int(options.run(options))
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
        print(f"racto-finetune: {_advice(error)}", file=sys.stderr)  # noqa: T201
        return FAILED


def make_parser() -> argparse.ArgumentParser:
    """The parser of the whole command; ``parse_args`` raises ConfigurationError for mistakes."""
    parser = _Parser(
        prog="racto-finetune",
        description=_ABOUT,
        epilog=_FIRST_STEPS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # Loading it costs more than all of the parser.
    from importlib.metadata import version

    number = version("racto-finetune")
    parser.add_argument("--version", action="version", version=f"racto-finetune {number}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    data_commands.add_commands(commands)
    tune_commands.add_commands(commands)
    return parser


def _advice(error: Exception) -> str:
    """The error in one line, in the words of the command line."""
    text = str(error).replace("pass overwrite=True", "pass --overwrite")
    text = text.replace("with on_loss='drop'", "with --drop")
    # In a stranger's text a terminal would obey control characters.
    return "".join(
        sign if sign.isprintable() or sign == "\n" else ascii(sign)[1:-1] for sign in text
    )
