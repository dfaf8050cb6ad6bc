"""The command line of ``racto-batch``: its commands, their options and help."""

from __future__ import annotations

import argparse

from .results import ItemStatus

PROVIDERS = ("openai", "anthropic", "google")

_EPILOG = (
    "Keys come from the environment: OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY. Exit "
    "codes: 0 done, 1 done but some items have no good reply, 2 not done, 3 the time was up "
    "(the job goes on), 130 interrupted (the job goes on)."
)


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="racto-batch",
        description="Half-price jobs of thousands of requests, without a lost item.",
        epilog=_EPILOG,
    )
    # Behind the command, where people write options.
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--state", metavar="DIR", help="folder of the state (default: the user's)")
    shared.add_argument("--base-url", metavar="URL", help="another server of the same API")
    shared.add_argument("--key-env", metavar="NAME",
                        help="environment variable of the key; needed with --base-url")  # fmt: skip
    shared.add_argument("--json", action="store_true", help="print JSON instead of words")
    shared.add_argument("--debug", action="store_true", help="show where an error came from")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    submit = commands.add_parser("submit", parents=[shared], help="submit a file of items")
    submit.add_argument("items", metavar="FILE", help="items as .jsonl or .parquet")
    _add_provider(submit, is_required=True)
    submit.add_argument("--system", metavar="TEXT", help="system text for items without one")
    submit.add_argument("--label", default="", help="what to call the job")
    submit.add_argument("--wait", action="store_true", help="wait for the job's end")
    submit.add_argument("--columns", nargs="+", metavar="FIELD=COLUMN", default=[],
                        help="columns of a Parquet file, such as user_message=question")  # fmt: skip
    _add_waiting(submit)
    _add_output(submit)

    for name, words in (
        ("status", "show where a job stands"),
        ("wait", "wait for a job's end, with a progress bar"),
        ("results", "write the results of a job that has ended"),
        ("cancel", "ask for a job's end"),
        ("retry", "submit the items once more that have no good reply"),
        ("forget", "remove what is kept of a job on this machine"),
    ):
        command = commands.add_parser(name, parents=[shared], help=words)
        command.add_argument("job_id", metavar="JOB")
        _add_provider(command, is_required=False)
        if name == "wait":
            _add_waiting(command)
        if name in ("wait", "results"):
            _add_output(command)
        if name == "retry":
            command.add_argument("--only", nargs="+", choices=[s.value for s in ItemStatus],
                                 help="how items ended that are submitted again")  # fmt: skip

    resume = commands.add_parser("resume", parents=[shared], help="finish and show open jobs")
    _add_provider(resume, is_required=True)
    listing = commands.add_parser("list", parents=[shared], help="show the account's latest jobs")
    _add_provider(listing, is_required=True)
    listing.add_argument("--limit", type=int, default=20, help="how many at most (20)")
    return parser


def _add_provider(parser: argparse.ArgumentParser, *, is_required: bool) -> None:
    # The ledger knows whose a job is.
    known = "" if is_required else " (known for jobs that were submitted from here)"
    parser.add_argument("--provider", choices=PROVIDERS, required=is_required, help=f"who{known}")
    parser.add_argument("--model", help="model for items that name none")


def _add_waiting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--interval", type=_seconds, default=60.0, metavar="S",
                        help="seconds between two looks (60)")  # fmt: skip
    parser.add_argument("--timeout", type=_seconds, default=86400.0, metavar="S",
                        help="seconds to wait in all (86400)")  # fmt: skip


def _seconds(text: str) -> float:
    # Refused here: after the upload a wait that cannot begin would come too late.
    seconds = float(text)
    if not seconds > 0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return seconds


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", metavar="FILE", help="write results to .jsonl or .parquet")
    parser.add_argument("--overwrite", action="store_true", help="replace the output file")
