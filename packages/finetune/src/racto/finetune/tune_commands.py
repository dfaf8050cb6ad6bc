"""The commands on tuning jobs: tune, status, wait, cancel, list, events."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from . import tune_reports

_TUNE = """\
Checks the examples, converts them to the provider's format, uploads them, makes a job and waits for
it. Nothing is sent before all examples are in order. Interrupt the wait as you like: the job goes
on, and `racto-finetune wait JOB` takes it up again, from any machine.

OpenAI takes no new jobs after 2027-01-06, and shuts out organisations before that; hosts that speak
its protocol are reached with --base-url. Gemini is tuned at Vertex AI alone. Claude is tuned at
Amazon Bedrock: racto-finetune convert FILE out.jsonl --to anthropic makes the file for it.

examples:
  racto-finetune tune train.jsonl --model gpt-x --validation check.jsonl --epochs 3
  racto-finetune tune pairs.jsonl --model gpt-x --method dpo --set beta=0.1 --no-wait
  racto-finetune tune train.jsonl --model my-model --base-url https://llm.example/v1 --key-env MY_KEY
  racto-finetune tune train.jsonl --provider gemini --model gemini-x --project p --location us-central1
      --bucket gs://my-bucket/tuning
"""

_WAIT = """\
examples:
  racto-finetune wait ftjob-abc123 --timeout 3600 && echo done

exit codes: 0 the model is ready, and its name is printed; 1 the job failed or was cancelled; 2 it
could not be asked for; 4 the time is up and the job goes on; 130 interrupted, and the job goes on.
"""

_EVENTS = """\
examples:
  racto-finetune events ftjob-abc123
  racto-finetune events ftjob-abc123 --plot losses.html
  racto-finetune events ftjob-abc123 --checkpoints
"""


def add_commands(commands: Any) -> None:
    """Add the commands on tuning jobs to a command line.

    Args:
        commands: What ``add_subparsers`` returned.
    """
    _add_tune(commands)
    _add_wait(commands)
    for name, help, run in (
        ("status", "say how far a job is", tune_reports.status),
        ("cancel", "end a job without a model", tune_reports.cancel),
    ):
        parser = _command(commands, name, help)
        parser.add_argument("job", metavar="JOB", help="id of the job")
        _add_json(parser)
        parser.set_defaults(run=run)
    parser = _command(commands, "list", "show the latest jobs")
    _add_limit(parser, 10)
    _add_json(parser)
    parser.set_defaults(run=tune_reports.list_jobs)
    _add_events(commands)


def _add_tune(commands: Any) -> None:
    parser = _command(commands, "tune", "make a tuned model of examples", _TUNE)
    parser.add_argument(
        "file", metavar="FILE", help="a .jsonl or .jsonl.gz file, or a gs:// address for gemini"
    )
    parser.add_argument("--model", required=True, metavar="NAME", help="model to tune")
    parser.add_argument("--validation", metavar="FILE", help="examples for the validation loss")
    parser.add_argument(
        "--method", default="supervised", choices=("supervised", "dpo", "reinforcement"),
        help="from examples, preferences or grades (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--epochs", type=_positive, metavar="N", help="passes over the examples")
    parser.add_argument("--batch-size", type=_positive, metavar="N", help="examples a step")
    parser.add_argument(
        "--learning-rate-multiplier", type=float, metavar="X", help="factor of the learning rate"
    )
    parser.add_argument("--suffix", metavar="NAME", help="name, or part of it, of the tuned model")
    parser.add_argument("--seed", type=int, metavar="N", help="makes it repeatable (openai)")
    parser.add_argument(
        "--set", dest="settings", action="append", default=[], type=_setting,
        metavar="NAME=VALUE", help="a further setting, such as beta=0.1; may come several times",
    )  # fmt: skip
    parser.add_argument(
        "--grader", type=Path, metavar="JSON", help="file with the grader of --method reinforcement"
    )
    parser.add_argument("--no-wait", action="store_true", help="print the job's id and end")
    _add_waiting(parser)
    _add_json(parser)
    parser.set_defaults(run=tune_reports.tune)


def _add_wait(commands: Any) -> None:
    parser = _command(commands, "wait", "wait until a job has ended", _WAIT)
    parser.add_argument("job", metavar="JOB", help="id of the job")
    _add_waiting(parser)
    _add_json(parser)
    parser.set_defaults(run=tune_reports.wait)


def _add_events(commands: Any) -> None:
    parser = _command(commands, "events", "show what happened in a job", _EVENTS)
    parser.add_argument("job", metavar="JOB", help="id of the job")
    _add_limit(parser, 20)
    parser.add_argument("--checkpoints", action="store_true", help="show the checkpoints instead")
    parser.add_argument("--plot", type=Path, metavar="HTML", help="draw the losses into a file")
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    _add_json(parser)
    parser.set_defaults(run=tune_reports.events)


def _command(commands: Any, name: str, help: str, epilog: str = "") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help,
        description=f"{help[0].upper()}{help[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    where = parser.add_argument_group("where")
    where.add_argument(
        "--provider", default=os.environ.get("RACTO_TUNER") or "openai",
        choices=("openai", "gemini", "anthropic"),
        help="whose jobs (default: openai, or RACTO_TUNER)",
    )  # fmt: skip
    where.add_argument("--base-url", metavar="URL", help="root of another server")
    where.add_argument(
        "--key-env", metavar="NAME",
        help="environment variable with the key for it (OPENAI_API_KEY goes to OpenAI alone)",
    )  # fmt: skip
    where.add_argument("--project", metavar="ID", help="project of Google Cloud (gemini)")
    where.add_argument("--location", metavar="REGION", help="region of Vertex AI (gemini)")
    where.add_argument("--bucket", metavar="GS", help="bucket for the examples (gemini)")
    return parser


def _add_waiting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--poll", type=float, default=30.0, metavar="SECONDS",
        help="time between two looks (default: %(default)g)",
    )  # fmt: skip
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="longest wait (default: three days)"
    )


def _add_limit(parser: argparse.ArgumentParser, default: int) -> None:
    parser.add_argument(
        "--limit", type=_positive, default=default, metavar="N",
        help="most of them (default: %(default)s)",
    )  # fmt: skip


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"not a whole number of 1 or more: {text!r}")
    return int(text)


def _setting(text: str) -> tuple[str, Any]:
    import json

    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise argparse.ArgumentTypeError(f"not NAME=VALUE: {text!r}")
    # Numbers and objects are told as JSON.
    try:
        return name, json.loads(value)
    except ValueError:
        # A word, such as reasoning_effort=high, needs no quotes here.
        return name, value
