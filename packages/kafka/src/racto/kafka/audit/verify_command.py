"""``racto-kafka audit verify``: says whether every event is in its place and as it was written."""

from __future__ import annotations

import argparse
import json
import sys

from racto.kafka.arguments import variable

from .chain import chain_key
from .sources import entries
from .verification import AuditReport, ChainVerifier, expected_link

INTACT = 0
BROKEN = 3


def perform(options: argparse.Namespace) -> int:
    """Verify; 0 when all is intact, 3 when something is not."""
    verifier = ChainVerifier(
        key=chain_key(variable(options.key_env, "--key-env")),
        partial=options.partial,
        allow_unsealed=options.allow_unsealed,
        expected=[expected_link(text) for text in options.expect],
    )
    for entry in entries(options):
        verifier.add(entry)
    report = verifier.report()
    if options.json:
        print(json.dumps(report.as_data(), indent=2))  # noqa: T201
    else:
        _show(report)
    return INTACT if report.is_intact else BROKEN


def _show(report: AuditReport) -> None:
    lines = [
        f"{report.events} events, {report.copies} of them copies, in {len(report.heads)} chains"
        + (f"; {report.unsealed} without a chain" if report.unsealed else "")
    ]
    lines += [
        f"  chain {head.chain_id}: {head.sequence} events, digest {head.digest}"
        for head in report.heads.values()
    ]
    if report.is_intact:
        lines.append("intact")
    else:
        first, *others = report.breaks
        lines.append(f"BROKEN, first here: {first.place}: {first.what} ({first.kind})")
        lines += [f"  {found.place}: {found.what} ({found.kind})" for found in others]
    # Places name files and topics, which a terminal must not obey.
    print("\n".join(map(_plain, lines)), file=sys.stdout)  # noqa: T201


def _plain(text: str) -> str:
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)
