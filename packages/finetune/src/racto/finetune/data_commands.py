"""The commands on data: validate, convert, split, shuffle, summary, estimate."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from . import data_reports

_FORMATS = """\
formats:
  openai                OpenAI and compatible hosts: {"messages": [...]}
  openai-preference     OpenAI's DPO: input, preferred_output, non_preferred_output
  openai-reinforcement  OpenAI's reinforcement tuning: messages, and fields for the grader
  anthropic             Claude at Amazon Bedrock: {"system": ..., "messages": [...]}
  gemini                Gemini at Vertex AI: {"systemInstruction": ..., "contents": [...]}
  gemini-preference     Gemini's preference tuning: contents and two completions
  trl                   Hugging Face: messages, or prompt and completion
  trl-preference        Hugging Face: prompt, chosen, rejected
  sharegpt              LLaMA-Factory and others: {"conversations": [...]}
  columns               tables: instruction and output, question and answer
"""

_VALIDATE = """\
Reads the file once, whatever its size, and names line, message and rule. Errors are what the
trainer would refuse; warnings are advice. --against also finds questions that both files ask.

examples:
  racto-finetune validate train.jsonl --for openai
  racto-finetune validate train.jsonl --for gemini --against validation.jsonl --personal
  racto-finetune validate train.jsonl --for anthropic --json
"""

_CONVERT = """\
Reads JSONL, JSON, CSV, TSV, Parquet or Arrow, or a folder as Hugging Face lays datasets out. What
the other format has no place for is an error, unless --drop leaves it out and counts it.

examples:
  racto-finetune convert chats.jsonl out.jsonl --to gemini
  racto-finetune convert questions.csv out.jsonl --columns user=frage --columns assistant=antwort
  racto-finetune convert hub/my-dataset out.jsonl --to trl --part validation
  racto-finetune convert chats.jsonl out.parquet --to trl
"""

_SPLIT = """\
Copies every line into one of two files, which keep the order. The same seed makes the same files.
--no-leaks puts examples that ask the same into the same file; the ratio is then met on average.

examples:
  racto-finetune split chats.jsonl
  racto-finetune split chats.jsonl --ratio 0.9 --seed 7 --train a.jsonl --validation b.jsonl
"""

_SHUFFLE = """\
examples:
  racto-finetune shuffle chats.jsonl mixed.jsonl --seed 7
"""

_SUMMARY = """\
examples:
  racto-finetune summary chats.jsonl
  racto-finetune summary chats.jsonl --plot lengths.html
"""

_ESTIMATE = """\
Tokens are estimated by the scripts of the texts; --encoding counts with tiktoken. The price is
yours to name: providers change theirs, and the models that can be tuned.

examples:
  racto-finetune estimate train.jsonl --price 25 --epochs 3
  racto-finetune estimate train.jsonl --encoding o200k_base --max-tokens 65536
"""


def add_commands(commands: Any) -> None:
    """Add the commands on data to a command line.

    Args:
        commands: What ``add_subparsers`` returned.
    """
    # In the order in which people need them.
    _add_validate(commands)
    _add_convert(commands)
    _add_split(commands)
    _add_shuffle(commands)
    _add_summary(commands)
    _add_estimate(commands)


def _add_validate(commands: Any) -> None:
    parser = _command(
        commands, "validate", "find what a trainer would refuse", f"{_VALIDATE}\n{_FORMATS}"
    )
    _add_source(parser)
    parser.add_argument(
        "--for", dest="target", metavar="FORMAT",
        help="format that the data is meant for (default: the file's own)",
    )  # fmt: skip
    parser.add_argument("--against", type=Path, metavar="FILE", help="validation data")
    parser.add_argument(
        "--max-tokens", type=_positive, metavar="N", help="most tokens of an example"
    )
    parser.add_argument("--personal", action="store_true", help="look for personal data and keys")
    parser.add_argument(
        "--most", type=_positive, default=50, metavar="N",
        help="findings to show (default: %(default)s)",
    )  # fmt: skip
    _add_encoding(parser)
    _add_json(parser)
    parser.set_defaults(run=data_reports.validate)


def _add_convert(commands: Any) -> None:
    parser = _command(
        commands, "convert", "write the data in another format", f"{_CONVERT}\n{_FORMATS}"
    )
    parser.add_argument("source", type=Path, metavar="SOURCE", help="file or folder")
    parser.add_argument("target", type=Path, metavar="FILE", help="a .jsonl or .parquet file")
    parser.add_argument("--from", dest="provider", default="auto", metavar="FORMAT", help=_FROM)
    parser.add_argument(
        "--to", dest="wanted", default="openai", metavar="FORMAT",
        help="format to write (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--columns", action="append", default=[], type=_pair, metavar="ROLE=COLUMN",
        help="which column of a table is user, assistant, system, context, chosen or rejected",
    )  # fmt: skip
    parser.add_argument(
        "--part", default="train", metavar="NAME",
        help="split of a folder (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--drop", action="store_true", help="leave out what the format has no place for"
    )
    _add_overwrite(parser)
    parser.set_defaults(run=data_reports.convert)


def _add_split(commands: Any) -> None:
    parser = _command(commands, "split", "make training and validation data", _SPLIT)
    _add_source(parser)
    parser.add_argument(
        "--ratio", type=float, default=0.8, metavar="SHARE",
        help="share of the training data (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--train", type=Path, metavar="FILE", help="default: train.jsonl beside it")
    parser.add_argument(
        "--validation", type=Path, metavar="FILE", help="default: validation.jsonl beside it"
    )
    parser.add_argument(
        "--no-leaks", action="store_true", help="keep examples that ask the same together"
    )
    _add_seed(parser)
    _add_overwrite(parser)
    parser.set_defaults(run=data_reports.split)


def _add_shuffle(commands: Any) -> None:
    parser = _command(commands, "shuffle", "write the lines in a random order", _SHUFFLE)
    _add_source(parser)
    parser.add_argument("target", type=Path, metavar="TARGET", help="where to")
    _add_seed(parser)
    _add_overwrite(parser)
    parser.set_defaults(run=data_reports.shuffle)


def _add_summary(commands: Any) -> None:
    parser = _command(commands, "summary", "say what is in it, with a histogram", _SUMMARY)
    _add_source(parser)
    parser.add_argument("--plot", type=Path, metavar="HTML", help="draw it into a file")
    _add_overwrite(parser)
    _add_encoding(parser)
    _add_json(parser)
    parser.set_defaults(run=data_reports.summary)


def _add_estimate(commands: Any) -> None:
    parser = _command(commands, "estimate", "say what a training takes", _ESTIMATE)
    _add_source(parser)
    parser.add_argument(
        "--price", type=float, metavar="AMOUNT", help="price of a million trained tokens"
    )
    parser.add_argument(
        "--epochs", type=_positive, metavar="N", help="passes (default: as OpenAI's guide expects)"
    )
    parser.add_argument("--max-tokens", type=_positive, metavar="N", help="where an example is cut")
    _add_encoding(parser)
    _add_json(parser)
    parser.set_defaults(run=data_reports.estimate)


_FROM = "format of the rows (default: told from the first)"


def _command(commands: Any, name: str, help: str, epilog: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help,
        description=f"{help[0].upper()}{help[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a .jsonl or .jsonl.gz file")
    parser.add_argument("--from", dest="provider", default="auto", metavar="FORMAT", help=_FROM)


def _add_encoding(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--encoding", default=os.environ.get("RACTO_ENCODING"), metavar="NAME",
        help="count tokens with o200k_base or cl100k_base (default: RACTO_ENCODING, or estimate)",
    )  # fmt: skip


def _add_seed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N",
        help="the same seed makes the same files (default: %(default)s)",
    )  # fmt: skip


def _add_overwrite(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _positive(text: str) -> int:
    # argparse's own message would name the function and not the mistake.
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"not a whole number of 1 or more: {text!r}")
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    # Columns may have a '=' in their names, roles have none.
    role, sign, column = text.partition("=")
    if not (role and sign and column):
        raise argparse.ArgumentTypeError(f"not ROLE=COLUMN: {text!r}")
    return role, column
