"""The arguments of ``racto-rag`` and the help that teaches them."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from racto.core.errors import ConfigurationError

DEFAULT_INDEX = Path(".racto") / "index"
MODES = ("hybrid", "vector", "keywords")

_ABOUT = "Put documents into an index and ask them questions; every answer names its sources."

_FIRST_STEPS = """\
first steps:
  racto-rag ingest docs README.md        read a folder and a file into .racto/index
  racto-rag ask "How do I install it?"   an answer in the documents' own words
  racto-rag search "install pip"         the passages themselves
  racto-rag status                       what is in the index, and what was skipped
  racto-rag watch docs                   follow a folder: what changes is read again
  racto-rag export passages.jsonl        take everything out again
  racto-rag eval COLLECTION              measure how well it finds, on judged questions
  racto-rag serve-mcp                    let programs with a model search and ask

answers written by a model (OpenAI, another provider, or a server that speaks OpenAI's protocol):
  OPENAI_API_KEY=... racto-rag ask "..." --model NAME
  ANTHROPIC_API_KEY=... racto-rag ask "..." --kit anthropic --model NAME
  racto-rag ask "..." --model NAME --base-url http://localhost:11434/v1

exit codes:
  0    done
  2    it could not be done; one line says why and what to do
  3    ingested, but some files were skipped; the summary lists them
  130  interrupted; what was finished is kept, and the same command goes on from there
"""

_INGEST_EXAMPLES = """\
Files that did not change since the last time are not read again; files that are gone are taken
out, and so are those that --include or --exclude leave out now. Hidden files and folders like .git,
.venv and node_modules are passed over.

examples:
  racto-rag ingest docs
  racto-rag ingest docs notes/plan.md --index ~/indexes/work
  racto-rag ingest . --exclude '*.log' --exclude build
  racto-rag ingest docs --chunk-size 800 --overlap 100    cut everything in docs anew
  racto-rag ingest docs --dry-run                         say what would be done
  racto-rag ingest hr --metadata team=hr --metadata year=2026    facts to filter by
"""

_WATCH_EXAMPLES = """\
Brings the index up to date, and again whenever something changes, until Ctrl-C. Where the system
tells of no changes, as on network drives, --poll looks for them.

examples:
  racto-rag watch docs
  racto-rag watch /mnt/share --poll --exclude '*.tmp'
"""

_EXPORT_EXAMPLES = """\
One JSON object a line: chunk_id, doc_id, content, metadata and, on request, the vector. A file
appears whole or not at all.

examples:
  racto-rag export passages.jsonl
  racto-rag export passages.jsonl --vectors
  racto-rag export | jq -r .content
"""

_SERVE_EXAMPLES = """\
Offers two tools over the Model Context Protocol: search finds passages, ask answers with
citations. Over stdio the program that uses them starts this command itself; over HTTP it listens
on this machine. Needs racto-tools-mcp.

examples:
  racto-rag serve-mcp --index ~/indexes/work
  racto-rag serve-mcp --transport streamable-http --port 8000
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

_EVAL_EXAMPLES = """\
A collection is a folder as the BEIR benchmark lays it out:
  corpus.jsonl       a document a line: {"_id": "d1", "title": "...", "text": "..."}
  queries.jsonl      a query a line: {"_id": "q1", "text": "..."}
  qrels/test.tsv     query id, document id, relevance (0 or more), between tabs; one header line

nDCG@10 is what most tables of results show: 1.0 when the best documents come first. recall@100
is the share of all relevant documents among the first 100, MRR@10 tells how far up the first
one stands, MAP weighs all of them. Needs racto-rag[eval].

examples:
  racto-rag eval scifact                                  all three ways, side by side
  racto-rag eval scifact --retriever hybrid --json
  racto-rag eval scifact --retriever bm25 --per-query scores.tsv --plot scores.html
  racto-rag eval scifact --index ~/indexes/scifact        embed once, evaluate often
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
    for add in (
        _add_ingest, _add_watch, _add_ask, _add_search, _add_status, _add_export, _add_serve,
        _add_eval,
    ):  # fmt: skip
        command = add(commands)
        # An evaluation has nothing to do with the documents that are asked otherwise.
        own = add is _add_eval
        command.add_argument(
            "--index", type=Path, default=None if own else DEFAULT_INDEX, metavar="DIR",
            help="folder of the index (default: "
            + ("one that is removed afterwards)" if own else "%(default)s)"),
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
        "--chunker", choices=("recursive", "markdown", "code", "sentence"),
        help="how documents are cut (default: as before, or recursive)",
    )  # fmt: skip
    parser.add_argument(
        "--chunk-size", type=_number(1), metavar="N",
        help="most characters of a passage (default: as before, or 512)",
    )  # fmt: skip
    parser.add_argument(
        "--overlap", type=_number(0), metavar="N",
        help="characters that neighbouring passages share (default: as before, or 50)",
    )  # fmt: skip
    _add_selection(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would be done, and do nothing of it"
    )
    return parser


def _add_watch(commands: Any) -> argparse.ArgumentParser:
    parser = _command(commands, "watch", "follow files and folders", _WATCH_EXAMPLES)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="file or folder")
    _add_selection(parser)
    parser.add_argument("--poll", action="store_true", help="look for changes, wait for no news")
    parser.set_defaults(chunker=None, chunk_size=None, overlap=None, dry_run=False)
    return parser


def _add_selection(parser: argparse.ArgumentParser) -> None:
    """Which files are read, and how."""
    for name, what in (
        ("include", "read only files of this name or path; may be repeated"),
        ("exclude", "leave out files or folders of this name or path; may be repeated"),
    ):
        parser.add_argument(f"--{name}", action="append", default=[], metavar="GLOB", help=what)
    parser.add_argument(
        "--metadata", action="append", default=[], type=_pair, metavar="KEY=VALUE",
        help="a fact about all these files, to filter by; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--encoding", metavar="NAME", help="how to read text that is not UTF-8, such as cp1252"
    )
    parser.add_argument(
        "--keep-duplicates", action="store_true",
        help="ingest every one of several files with the same bytes",
    )  # fmt: skip
    parser.add_argument(
        "--concurrency", type=_number(1), metavar="N",
        help="calls of the embedder under way at once (default: 1 for local, 4 for others)",
    )  # fmt: skip


def _add_ask(commands: Any) -> argparse.ArgumentParser:
    parser = _command(commands, "ask", "answer a question with citations", _ASK_EXAMPLES)
    parser.add_argument("question", help="the question, in quotation marks")
    _add_retrieval(parser, "passages to answer from")
    _add_model(parser)
    return parser


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="NAME", help="model that writes the answer")
    parser.add_argument(
        "--kit", default=os.environ.get("RACTO_KIT") or "openai", metavar="NAME",
        help="provider of the model, by its plug-in's name (default: openai, or RACTO_KIT)",
    )  # fmt: skip
    parser.add_argument("--base-url", metavar="URL", help="server that speaks the kit's protocol")
    parser.add_argument(
        "--key-env", metavar="VARIABLE", help="environment variable that holds the key"
    )


def _add_export(commands: Any) -> argparse.ArgumentParser:
    parser = _command(commands, "export", "write all passages as JSON lines", _EXPORT_EXAMPLES)
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="where to (default: standard output)"
    )
    parser.add_argument("--vectors", action="store_true", help="with their vectors")
    return parser


def _add_serve(commands: Any) -> argparse.ArgumentParser:
    parser = _command(commands, "serve-mcp", "offer search and answers over MCP", _SERVE_EXAMPLES)
    parser.add_argument(
        "--transport", choices=("stdio", "streamable-http", "sse"), default="stdio",
        help="how programs reach it (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--port", type=_number(0), default=8000, metavar="N",
        help="port on this machine, over HTTP; 0 takes a free one (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--name", default="racto-rag", help="name that programs see")
    parser.add_argument("--mode", choices=MODES, default="hybrid", help=argparse.SUPPRESS)
    _add_model(parser)
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


def _add_eval(commands: Any) -> argparse.ArgumentParser:
    parser = _command(commands, "eval", "measure retrieval on a collection", _EVAL_EXAMPLES)
    parser.add_argument("collection", type=Path, metavar="COLLECTION", help="folder as BEIR's")
    parser.add_argument(
        "--retriever", choices=("bm25", "vector", "hybrid"),
        help="by words, by meaning, or by both (default: each of them)",
    )  # fmt: skip
    parser.add_argument(
        "--split", default="test", metavar="NAME", help="judgments to use (default: %(default)s)"
    )
    parser.add_argument(
        "--limit", type=_number(1), metavar="N", help="ask only the first N queries"
    )
    parser.add_argument(
        "--chunk-size", type=_number(1), metavar="N",
        help="cut documents into passages of N characters; each counts as its best passage "
        "(default: documents whole)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON, query by query")
    parser.add_argument(
        "--per-query", type=Path, metavar="FILE", help="write each query's scores as TSV"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw an HTML page")
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
        "--mode", choices=MODES, default="hybrid",
        help="find by meaning and words, or by one of them (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--filter", action="append", default=[], type=_pair, metavar="KEY=VALUE",
        help="only passages with this fact, such as team=hr; page and section are those where a "
        "passage begins; may be repeated",
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


def _pair(text: str) -> tuple[str, Any]:
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    try:
        parsed = json.loads(value)
    except ValueError:
        parsed = value
    # A year is a number and a flag is one; what else looks like JSON was meant as text.
    return key.strip(), parsed if isinstance(parsed, int | float | bool) else value


def _number(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text) if text.lstrip("-").isdigit() else None
        if value is None or value < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of {least} or more")
        return value

    return number
