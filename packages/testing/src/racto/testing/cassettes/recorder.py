"""Answers from the real API, kept on their way to the client."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Any

from racto.testing.exchange import Incoming, Outgoing, Script

from .asking import asked_of
from .scrubbing import Scrubber
from .tape import Exchange, Tape, readable
from .uploads import addressed, below_root
from .upstream import Upstream

_EVENT_END = re.compile(rb"(?<=\n\n)|(?<=\r\n\r\n)")
_LINE_END = re.compile(rb"(?<=\n)")
_STREAMS = {"text/event-stream": _EVENT_END, "application/x-ndjson": _LINE_END}
_LARGEST = 64 * 2**20


class Recorder:
    """Asks the real API, hands its answers on and keeps them; a :class:`~racto.testing.exchange.Relay`.

    Args:
        tape: Where the recording goes.
        scrubber: Cuts out secrets.
        upstream: The real API.
    """

    name = "recorder"
    root = ""

    def __init__(self, tape: Tape, scrubber: Scrubber, *, upstream: Upstream) -> None:
        self._tape = tape
        self._scrubber = scrubber
        self._upstream = upstream
        self._asked = 0
        self._kept: dict[int, Exchange] = {}

    def answer(self, request: Incoming, script: Script) -> Awaitable[Outgoing]:
        """The real API's answer, which is kept without its secrets.

        Raises:
            ConfigurationError: If the API does not answer, or wants an upload past the server.
            AssertionError: If the answer is too long, or has a secret that cannot be cut out.
        """
        self._asked += 1
        # Answers may come in another order; the file keeps that of the questions.
        return self._answered(request, self._asked)

    def discard(self) -> None:
        """Forget what was recorded."""
        self._kept.clear()

    def write(self) -> None:
        """Write the recording, unless there is nothing to write."""
        if self._kept:
            self._tape.write([self._kept[number] for number in sorted(self._kept)])

    async def _answered(self, request: Incoming, number: int) -> Outgoing:
        async with self._upstream.ask(request) as response:
            body = await _read(response)
        headers = below_root(self._scrubber.headers(response.headers), self._upstream.url)
        pieces = _events(body, headers)
        asked = replace(
            asked_of(request, self._scrubber), status=response.status_code, headers=headers
        )
        if pieces is None:
            self._kept[number] = replace(asked, answered=self._scrubber.value(readable(body)))
        else:
            self._kept[number] = replace(asked, events=self._scrubbed(pieces, asked))
        given = addressed(headers, request)
        return Outgoing(status=asked.status, headers=given, body=body, events=pieces)

    def _scrubbed(self, pieces: Sequence[bytes], asked: Exchange) -> list[str]:
        events = [self._scrubber.event(piece.decode()) for piece in pieces]
        if self._scrubber.is_split(events):
            raise AssertionError(
                f"the answer to {asked.method} {asked.path} has a secret that is split over "
                "events and cannot be cut out; ask what does not make the model repeat it"
            )
        return events


def _events(body: bytes, headers: dict[str, str]) -> list[bytes] | None:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    end = _STREAMS.get(kind)
    return [piece for piece in end.split(body) if piece] if end else None


async def _read(response: Any) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > _LARGEST:
            raise AssertionError(f"the answer is longer than {_LARGEST} bytes; record less")
    return bytes(body)
