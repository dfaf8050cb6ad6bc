"""Answers from a recording."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from racto.testing.exchange import Incoming, Outgoing, Script

from .asking import asked_of
from .scrubbing import Scrubber
from .tape import Exchange, Tape, body_of
from .uploads import addressed


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
                return _replayed(self._waiting.pop(number), request)
        raise AssertionError(self._unmatched(asked))

    @property
    def unused(self) -> list[Exchange]:
        """The recordings that nobody asked for."""
        return list(self._waiting)

    def _telling(self, exchange: Exchange) -> Any:
        body = json.loads(json.dumps(exchange.asked))
        for path in self._ignoring:
            _remove(body, path)
        return exchange.method, exchange.path, dict(exchange.query), body

    def _unmatched(self, asked: Exchange) -> str:
        alike = [each for each in self._waiting if each.path == asked.path]
        what = f"{asked.method} {asked.path} {_shown(asked)}"
        text = f"{self._tape.path} holds no unused answer to {what}"
        if not alike:
            return f"{text}; record again with mode='record'"
        return f"{text}\nthe next recording of this path was asked {_shown(alike[0])}"


def _shown(asked: Exchange) -> str:
    query = f"{json.dumps(asked.query, ensure_ascii=False)} " if asked.query else ""
    return query + json.dumps(asked.asked, ensure_ascii=False, sort_keys=True)[:2000]


def _replayed(exchange: Exchange, request: Incoming) -> Outgoing:
    events = None if exchange.events is None else [each.encode() for each in exchange.events]
    body = body_of(exchange.answered)
    headers = addressed(exchange.headers, request)
    return Outgoing(status=exchange.status, headers=headers, body=body, events=events)


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
