"""Answers that are JSON or plain words."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from racto.testing.exchange import Outgoing
from racto.testing.payloads import encoded

from .failures import JSON

LINES = {"content-type": "application/x-ndjson"}
"""Headers of a stream."""


def json_answer(body: Any) -> Outgoing:
    """An answer of JSON."""
    return Outgoing(headers=JSON, body=encoded(body))


def plain_answer(text: str, *, status: int = HTTPStatus.OK) -> Outgoing:
    """An answer of plain words."""
    headers = {"content-type": "text/plain; charset=utf-8"}
    return Outgoing(status=status, headers=headers, body=text.encode())
