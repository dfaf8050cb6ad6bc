"""``racto-kafka audit tail``: the latest events, and on request those that come."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from .entries import AuditEntry, AuditFilter
from .sources import opened

_LONGEST = 60


def perform(options: argparse.Namespace) -> int:
    """Show events until the end, or with ``--follow`` until Ctrl-C; 0 either way."""
    wanted = AuditFilter(options.user, since=options.since, until=options.until)
    with opened(options, last=options.lines) as reader:
        try:
            for entry in reader.entries(follow=options.follow):
                fields = entry.fields()
                if wanted.wants(fields):
                    print(_line(entry, fields, whole=options.json), flush=True)  # noqa: T201
        except KeyboardInterrupt:
            # The way to end --follow.
            if not options.follow:
                raise
            sys.stderr.write("\n")
    return 0


def _line(entry: AuditEntry, fields: dict[str, Any] | None, *, whole: bool) -> str:
    if fields is None:
        return f"{entry.place}: no event, {len(entry.value)} bytes"
    if whole:
        return json.dumps(fields)
    shown = [str(fields.get(name, "?")) for name in ("timestamp_utc", "user_id", "model")]
    texts = [_short(str(fields.get(name, ""))) for name in ("prompt", "response")]
    return _printable("  ".join([*shown, " -> ".join(texts)]))


def _short(text: str) -> str:
    line = " ".join(text[: 4 * _LONGEST].split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def _printable(text: str) -> str:
    """The text with escapes in the place of characters that a terminal would obey."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)
