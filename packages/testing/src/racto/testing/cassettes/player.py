"""Answers from a recording, or from the real API while recording it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from racto.testing.exchange import Incoming, Outgoing, Script

from .scrubbing import Scrubber
from .tape import Exchange, Tape, body_of, readable
from .upstream import Upstream

_EVENT_END = re.compile(rb"(?<=\n\n)|(?<=\r\n\r\n)")
_LINE_END = re.compile(rb"(?<=\n)")
_STREAMS = {"text/event-stream": _EVENT_END, "application/x-ndjson": _LINE_END}
_BOUNDARY = re.compile(r'boundary="?([^";]+)')
_LARGEST = 64 * 2**20


class Player:
    """Replays a tape; keeps :class:`~racto.testing.Provider`.

    Args:
        tape: What to replay.
        scrubber: Cuts out of requests what was cut out of the recorded ones.
        ignoring: Fields of JSON bodies that may differ, for example ``metadata.run``.
    """

    name = "cassette"
    root = ""

    def __init__(self, tape: Tape, scrubber: Scrubber, *, ignoring: Sequence[str] = ()) -> None:
        self._tape = tape
        self._scrubber = scrubber
        self._ignoring = [path.split(".") for path in ignoring]
        self._waiting = list(tape.read())

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The recorded answer to the same request; each is given once, in order.

        Raises:
            AssertionError: If no unused recording matches; the message shows the nearest one.
        """
        asked = asked_of(request, self._scrubber)
        wanted = self._telling(asked)
        for number, exchange in enumerate(self._waiting):
            if self._telling(exchange) == wanted:
                return _replayed(self._waiting.pop(number))
        raise AssertionError(self._unmatched(asked))

    def close(self) -> None:
        """Nothing is open."""

    def _telling(self, exchange: Exchange) -> Any:
        body = json.loads(json.dumps(exchange.asked))
        for path in self._ignoring:
            _remove(body, path)
        return exchange.method, exchange.path, dict(exchange.query), body

    def _unmatched(self, asked: Exchange) -> str:
        alike = [each for each in self._waiting if each.path == asked.path]
        shown = json.dumps(asked.asked, ensure_ascii=False, sort_keys=True)[:2000]
        text = f"{self._tape.path} holds no unused answer to {asked.method} {asked.path} {shown}"
        if not alike:
            return f"{text}; record again with mode='record'"
        near = json.dumps(alike[0].asked, ensure_ascii=False, sort_keys=True)[:2000]
        return f"{text}\nthe next recording of this path was asked {near}"


class Recorder:
    """Asks the real API, hands its answers on and keeps them; keeps the same protocol.

    Args:
        tape: Where the recording goes, when it is closed.
        scrubber: Cuts out secrets.
        upstream: The real API.
    """

    name = "recorder"
    root = ""

    def __init__(self, tape: Tape, scrubber: Scrubber, *, upstream: Upstream) -> None:
        self._tape = tape
        self._scrubber = scrubber
        self._upstream = upstream
        self._kept: list[Exchange] = []

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The real API's answer, which is kept without its secrets."""
        with self._upstream.ask(request) as response:
            body = _read(response)
            headers = self._scrubber.headers(response.headers)
            status = response.status_code
        pieces = _events(body, headers)
        asked = asked_of(request, self._scrubber)
        events = None if pieces is None else [self._scrubber.text(each.decode()) for each in pieces]
        answered = None if events is not None else self._scrubber.value(readable(body))
        self._kept.append(
            Exchange(
                method=asked.method,
                path=asked.path,
                query=asked.query,
                asked=asked.asked,
                status=status,
                headers=headers,
                answered=answered,
                events=events,
            )
        )
        return Outgoing(status=status, headers=headers, body=body, events=pieces)

    def close(self) -> None:
        """Write the recording."""
        self._upstream.close()
        self._tape.write(self._kept)


def asked_of(request: Incoming, scrubber: Scrubber) -> Exchange:
    """A request as it stands in a recording: free of secrets, and of what differs by chance.

    Args:
        request: The request.
        scrubber: Cuts out secrets.
    """
    body = request.body
    boundary = _BOUNDARY.search(request.headers.get("content-type", ""))
    # Clients make a new boundary for every upload.
    if boundary:
        body = body.replace(boundary[1].encode(), b"boundary")
    return Exchange(
        method=request.method,
        path=request.path,
        query=scrubber.query(request.query),
        asked=scrubber.value(readable(body)),
    )


def _replayed(exchange: Exchange) -> Outgoing:
    events = None if exchange.events is None else [each.encode() for each in exchange.events]
    body = body_of(exchange.answered)
    return Outgoing(status=exchange.status, headers=exchange.headers, body=body, events=events)


def _events(body: bytes, headers: dict[str, str]) -> list[bytes] | None:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    end = _STREAMS.get(kind)
    return [piece for piece in end.split(body) if piece] if end else None


def _read(response: Any) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > _LARGEST:
            raise AssertionError(f"the answer is longer than {_LARGEST} bytes; record less")
    return bytes(body)


def _remove(body: Any, path: Sequence[str]) -> None:
    for found in _parents(body, path[:-1]):
        if isinstance(found, dict):
            found.pop(path[-1], None)


def _parents(value: Any, path: Sequence[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _parents(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _parents(value[path[0]], path[1:])
