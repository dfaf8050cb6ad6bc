"""The journal: one JSON line a request, and errors as lines of the same kind."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

import orjson

from racto.core.secrets import redact

access = logging.getLogger("racto.retrieval.server.access")
"""Where each request leaves one record; its message is a JSON object."""


def note(**facts: Any) -> None:
    """Write one request down; facts that are None are left out.

    Args:
        **facts: What happened, such as ``request_id``, ``path``, ``status`` and ``ms``.
    """
    if access.isEnabledFor(logging.INFO):
        told = {name: value for name, value in facts.items() if value is not None}
        access.info("%s", orjson.dumps({"time": round(time.time(), 3), **told}).decode())


class JSONLines(logging.Formatter):
    """Formats every record as one JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record; its traceback becomes a field, and secrets are masked.

        Args:
            record: The record.
        """
        if record.name == access.name:
            # It is such a line already.
            return record.getMessage()
        told: dict[str, Any] = {
            "time": round(record.created, 3),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            told["traceback"] = redact(self.formatException(record.exc_info))
        return orjson.dumps(told).decode()


def journal_to_stderr(level: int = logging.INFO) -> None:
    """Send the records of this process to its standard error as JSON lines.

    Args:
        level: The least level that is written.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JSONLines())
    logging.basicConfig(handlers=[handler], level=level, force=True)
