"""The arguments of ``racto-rag`` and the help that teaches them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from racto.core.errors import ConfigurationError

DEFAULT_INDEX = Path(".racto") / "index"

_ABOUT = "Put documents into an index and ask them questions; every answer names its sources."

_FIRST_STEPS = """\
first steps:
  racto-rag ingest docs README.md        read a folder and a file into .racto/index
  racto-rag ask "How do I install it?"   an answer in the documents' own words
  racto-rag search "install pip"         the passages themselves
  racto-rag status                       what is in the index, and what was skipped

answers written by a model (OpenAI, or any server that speaks its protocol):
  OPENAI_API_KEY=... racto-rag ask "..." --model NAME
  racto-rag ask "..." --model NAME --base-url http://localhost:11434/v1

exit codes:
  0    done
  2    it could not be done; one line says why and what to do
  3    ingested, but some files were skipped; the summary lists them
  130  interrupted; what was finished is kept, and the same command goes on from there
"""

_INGEST_EXAMPLES = """\
Files that did not change since the last time are not read again; files that are gone are taken
out. Hidden files and folders like .git, .venv and node_modules are passed over.

examples:
  racto-rag ingest docs
  racto-rag ingest docs notes/plan.md --index ~/indexes/work
  racto-rag ingest . --exclude '*.log' --exclude build
  racto-rag ingest docs --chunk-size 800 --overlap 100    cut everything in docs anew
"""

_ASK_EXAMPLES = """\
Without a model the answer quotes the documents. With --model it is written by that model, from
the passages found, and its citations are checked. The key is read from OPENAI_API_KEY; --model
and --base-url may stand in RACTO_MODEL and OPENAI_BASE_URL.

examples:
  racto-rag ask "What does the warranty cover?"
  racto-rag ask "What does the warranty cover?" --top-k 8 --json
  racto-rag ask "What does the warranty cover?" --model NAME --base-url http://localhost:8000/v1
"""

_SEARCH_EXAMPLES = """\
examples:
  racto-rag search "warranty battery"
  racto-rag search "how long is it guaranteed" --mode vector --top-k 3
"""


class _Parser(argparse.ArgumentParser):
    """Raises where argparse would end the process, so that ``main`` alone decides how it ends."""

    def error(self, message: str) -> NoReturn:
        raise ConfigurationError(f"{message}; see: {self.prog} --help")


def make_parser() -> argparse.ArgumentParser:
    """The parser of the whole command; ``parse_args`` raises ConfigurationError for mistakes."""
    parser = _Parser(
        prog="racto-rag", description=_ABOUT, epilog=_FIRST_STEPS, formatter_class=_formatter
    )
    # Loading it costs more than all of the parser.
    from importlib.metadata import version

    parser.add_argument("--version", action="version", version=f"racto-rag {version('racto-rag')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for add in (_add_ingest, _add_ask, _add_search, _add_status):
        command = add(commands)
        command.add_argument(
            "--index", type=Path, default=DEFAULT_INDEX, metavar="DIR",
            help="folder of the index (default: %(default)s)",
        )  # fmt: skip
        _add_parts(command)
        command.add_argument(
            "--debug", action="store_true", help="show the whole traceback of an error"
        )
    return parser


def _formatter(prog: str) -> argparse.HelpFormatter:
    return argparse.RawDescriptionHelpFormatter(prog, max_help_position=30)


def _add_ingest(commands: Any) -> argparse.ArgumentParser:
    parser = _command(commands, "ingest", "read files and folders into the index", _INGEST_EXAMPLES)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="file or folder")
    parser.add_argument(
        "--chunk-size", type=_number(1), metavar="N",
        help="most characters of a passage (default: as before, or 512)",
    )  # fmt: skip
    parser.add_argument(
        "--overlap", type=_number(0), metavar="N",
        help="characters that neighbouring passages share (default: as before, or 50)",
    )  # fmt: skip
    parser.add_argument(
        "--exclude", action="append", default=[], metavar="GLOB",
        help="leave out files or folders of this name or path; may be repeated",
    )  # fmt: skip
    return parser


def _add_ask(commands: Any) -> argparse.ArgumentParser:
    parser = _command(commands, "ask", "answer a question with citations", _ASK_EXAMPLES)
    parser.add_argument("question", help="the question, in quotation marks")
    _add_retrieval(parser, "passages to answer from")
    parser.add_argument("--model", metavar="NAME", help="model that writes the answer")
    parser.add_argument("--base-url", metavar="URL", help="server that speaks OpenAI's protocol")
    return parser


def _add_search(commands: Any) -> argparse.ArgumentParser:
    parser = _command(commands, "search", "show the passages that fit best", _SEARCH_EXAMPLES)
    parser.add_argument("query", help="a question or words")
    _add_retrieval(parser, "passages to show")
    return parser


def _add_status(commands: Any) -> argparse.ArgumentParser:
    parser = _command(commands, "status", "say what is in the index", "")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _add_parts(parser: argparse.ArgumentParser) -> None:
    """The plug-ins; few need them, so they stand in the environment as well."""
    for name, usual, what in (
        ("embedder", "local", "what makes the vectors"),
        ("store", "memory", "what searches them"),
    ):
        variable = f"RACTO_{name.upper()}"
        parser.add_argument(
            f"--{name}", default=os.environ.get(variable) or usual, metavar="NAME",
            help=f"{what}, by its plug-in's name (default: {usual}, or {variable})",
        )  # fmt: skip


def _add_retrieval(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument(
        "--top-k", type=_number(1), default=5, metavar="N", help=f"{what} (default: %(default)s)"
    )
    parser.add_argument(
        "--mode", choices=("hybrid", "vector", "keywords"), default="hybrid",
        help="find by meaning and words, or by one of them (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON")


def _command(commands: Any, name: str, summary: str, examples: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=examples,
        formatter_class=_formatter,
    )
    return parser


def _number(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text) if text.lstrip("-").isdigit() else None
        if value is None or value < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of {least} or more")
        return value

    return number
