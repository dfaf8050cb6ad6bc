"""How one answer travels: what to write, when to wait, and where to break off; no I/O here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum, auto
from http import HTTPStatus
from itertools import islice
from typing import TypeAlias

import h11

from .exchange import Outgoing


class Parting(Enum):
    """How a connection ends before its time: in order, or with a reset."""

    CLOSE = auto()
    RESET = auto()


Step: TypeAlias = bytes | float | Parting
"""Bytes to write, seconds to wait, or the end of the connection."""

# Statuses that HTTP allows no body.
_BODILESS = frozenset({204, 304})
# So that a long body that is sent slowly ends in this life.
_MOST_PIECES = 50
_REASONS = {status.value: status.phrase.encode() for status in HTTPStatus}


def steps(answer: Outgoing, parser: h11.Connection, *, method: str) -> Iterator[Step]:
    """Tell an answer as steps, framed as HTTP and broken as its conduct asks.

    Args:
        answer: What to send; its events are drawn one at a time, each when it is due.
        parser: The connection's state, which frames what is sent.
        method: The request's; HEAD gets the headers alone.

    Raises:
        h11.LocalProtocolError: If a header of the answer cannot be written.
    """
    conduct = answer.conduct
    parting = Parting.RESET if conduct.reset else Parting.CLOSE
    if conduct.delay:
        yield conduct.delay
    if conduct.garbage or conduct.hang_up or (conduct.reset and conduct.cut_after is None):
        yield conduct.garbage
        yield parting
        return
    head = _written(parser, _head(answer))
    if method == "HEAD" or answer.status in _BODILESS:
        yield head + _written(parser, h11.EndOfMessage())
        return
    if answer.events is None and not conduct.pause:
        head += _written(parser, h11.Data(answer.body[: conduct.cut_after]))
    else:
        yield head
        yield from _slowly(_pieces(answer), parser, pause=conduct.pause)
        head = b""
    if conduct.cut_after is None:
        yield head + _written(parser, h11.EndOfMessage())
    else:
        yield head
        yield parting


def _head(answer: Outgoing) -> h11.Response:
    headers = {name.lower().encode(): value.encode() for name, value in answer.headers.items()}
    if answer.events is not None:
        # Without a length h11 sends chunks, and to an old client all until the connection ends.
        headers.setdefault(b"content-type", b"text/event-stream")
    elif answer.status not in _BODILESS:
        headers.setdefault(b"content-type", b"application/json")
        headers.setdefault(b"content-length", b"%d" % len(answer.body))
    reason = _REASONS.get(answer.status, b"")
    return h11.Response(status_code=answer.status, headers=list(headers.items()), reason=reason)


def _pieces(answer: Outgoing) -> Iterable[bytes]:
    cut = answer.conduct.cut_after
    if answer.events is not None:
        return islice(answer.events, cut)
    size = max(1, -(-len(answer.body) // _MOST_PIECES))
    body = answer.body[:cut]
    return (body[start : start + size] for start in range(0, len(body), size))


def _slowly(pieces: Iterable[bytes], parser: h11.Connection, *, pause: float) -> Iterator[Step]:
    for number, piece in enumerate(pieces):
        if number and pause:
            yield pause
        yield _written(parser, h11.Data(piece))


def _written(parser: h11.Connection, event: h11.Event) -> bytes:
    return parser.send(event) or b""
