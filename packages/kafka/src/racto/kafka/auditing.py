"""The arguments of ``racto-kafka audit verify``, ``replay`` and ``tail``, and the help that teaches them.

``add_commands(commands)`` adds them to the parser of the whole command; each sets ``perform`` to
the module whose ``perform(options)`` runs it and returns the exit code.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_VERIFY = """\
Recomputes the digest of every event and follows the chains of all loggers. Changed, inserted,
missing and moved events show, each with its place. Read a topic, or files that replay wrote.

A chain that does not start with its first event is broken, unless --partial says that old events
were deleted on purpose. What was cut off at a chain's end shows only against a link that was noted
elsewhere (KafkaAuditLogger.chain_head): --expect CHAIN:SEQUENCE:DIGEST.

exit codes:
  0    every event is in its place and as it was written
  2    it could not be read; one line says why and what to do
  3    something is wrong; each finding is listed with its place

examples:
  racto-kafka audit verify --topic racto.audit
  AUDIT_KEY=... racto-kafka audit verify --topic racto.audit --key-env AUDIT_KEY --json
  racto-kafka audit verify 2026-01.jsonl 2026-02.jsonl --partial
"""

_REPLAY = """\
Writes events as they are, one JSON object a line, or into another topic under their keys. Without
filters a file can be verified like the topic.

examples:
  racto-kafka audit replay --topic racto.audit --to audit.jsonl
  racto-kafka audit replay --topic racto.audit --user ann --since 2026-01-01 --until 2026-02-01
  racto-kafka audit replay --topic racto.audit --to-topic racto.audit.copy
  racto-kafka audit replay audit.jsonl --to-topic racto.audit.restored
"""

_TAIL = """\
examples:
  racto-kafka audit tail --topic racto.audit
  racto-kafka audit tail --topic racto.audit --lines 100 --user ann --json
  racto-kafka audit tail --topic racto.audit --follow
"""

_DEFAULT_TOPIC = "racto.audit"


def add_commands(commands: Any) -> None:
    """Add ``audit`` with its own commands.

    Args:
        commands: What ``add_subparsers`` of the whole command's parser returned.
    """
    audit = commands.add_parser("audit", help="check, copy and show the audit trail")
    inner = audit.add_subparsers(dest="audit_command", metavar="COMMAND", required=True)
    _add_verify(_command(inner, "verify", "find what was changed, removed or moved", _VERIFY))
    _add_replay(_command(inner, "replay", "copy events to a file or a topic", _REPLAY))
    _add_tail(_command(inner, "tail", "show the latest events", _TAIL))


def _command(inner: Any, name: str, what: str, examples: str) -> argparse.ArgumentParser:
    # Here, for that room imports this one.
    from .arguments import add_connection

    parser: argparse.ArgumentParser = inner.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if name != "tail":
        parser.add_argument(
            "files", nargs="*", type=Path, metavar="FILE", help="JSON lines, in place of a topic"
        )
    parser.add_argument(
        "--topic", metavar="NAME", help=f"audit topic to read (default: {_DEFAULT_TOPIC})"
    )
    parser.add_argument(
        "--stall", type=float, default=30.0, metavar="SECONDS",
        help="give up when nothing comes for so long (default: %(default)g)",
    )  # fmt: skip
    add_connection(parser)
    parser.add_argument("--debug", action="store_true", help="show where an error comes from")
    parser.set_defaults(perform=f"racto.kafka.audit.{name}_command")
    return parser


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--key-env", metavar="VARIABLE", help="environment variable that holds the chain's key"
    )
    parser.add_argument(
        "--partial", action="store_true", help="chains may begin later than with their first event"
    )
    parser.add_argument(
        "--allow-unsealed", action="store_true", help="events without a chain are no finding"
    )
    parser.add_argument(
        "--expect", action="append", default=[], metavar="LINK",
        help="CHAIN:SEQUENCE:DIGEST that must be there; may be repeated",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_replay(parser: argparse.ArgumentParser) -> None:
    target = parser.add_mutually_exclusive_group()
    target.add_argument("--to", type=Path, metavar="FILE", help="file (default: standard output)")
    target.add_argument("--to-topic", metavar="NAME", help="another topic")
    _add_filters(parser)


def _add_tail(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(files=[])
    parser.add_argument(
        "--lines", type=_count, default=10, metavar="N",
        help="how many events of each partition to begin with (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--follow", action="store_true", help="go on with new events until Ctrl-C")
    parser.add_argument("--json", action="store_true", help="print events whole, as JSON lines")
    _add_filters(parser)


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--user", action="append", default=[], metavar="ID", help="only this user's; repeatable"
    )
    for name, what in (("since", "from then on"), ("until", "before then")):
        parser.add_argument(
            f"--{name}", type=moment, metavar="TIME",
            help=f"only events {what}: ISO 8601, in UTC unless it says otherwise",
        )  # fmt: skip


def _count(text: str) -> int:
    if not text.isdigit() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(text)


def moment(text: str) -> datetime:
    """A time as ``--since`` takes it.

    Raises:
        argparse.ArgumentTypeError: If it is not ISO 8601.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2026-01-31") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
