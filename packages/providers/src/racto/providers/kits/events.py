"""Events from the bytes of a stream, in linear time however the bytes are cut."""

from __future__ import annotations

import codecs
import json

from racto.core.errors import InvalidResponseError

LONGEST_EVENT = 64 * 2**20
"""Most bytes of one event; a server that never ends a line must not fill the memory."""


class EventDecoder:
    """Turns pieces of a body into the data of its events.

    Follows the WHATWG's event stream format: LF, CR and CRLF end a line, lines of data are
    joined, comments and other fields are skipped. JSON at the very end that is no event is handed
    out all the same: so Google tells the error on which a stream ended.
    """

    def __init__(self) -> None:
        self._pending: list[bytes] = []
        self._waiting = 0
        self._held = 0
        self._is_at_start = True
        self._data: list[str] = []
        self._bare: list[str] = []

    def feed(self, piece: bytes) -> list[str]:
        """Take the next bytes and return the data of the events that they complete.

        Raises:
            InvalidResponseError: If an event is not UTF-8 or longer than any provider's.
        """
        if not piece:
            return []
        if b"\n" not in piece and b"\r" not in piece and not self._ends_open():
            self._wait(piece)
            return []
        # What waits is joined once a line and not once a piece: linear for any size of piece.
        lines = self._taken(piece).splitlines(keepends=True)
        # A CR at the very end may be the first half of a CRLF.
        last = b"" if lines[-1].endswith(b"\n") else lines.pop()
        events = self._events(lines)
        self._wait(last)
        return events

    def finish(self) -> list[str]:
        """The data of an event that the body's end completes; half an event yields nothing."""
        rest = self._taken(b"")
        # A body that ends inside an event was cut; half an event must not pass for one.
        found = self._events([rest, b"\n"] if rest else [b"\n"])
        found += ["\n".join(self._bare)] if self._bare else []
        return [data for data in found if data.startswith("[DONE]") or _is_json(data)]

    def _wait(self, piece: bytes) -> None:
        self._pending.append(piece)
        self._waiting += len(piece)
        self._check()

    def _taken(self, piece: bytes) -> bytes:
        """What waits, and a piece behind it; a mark of the byte order at the very start is none."""
        whole = b"".join([*self._pending, piece])
        self._pending, self._waiting = [], 0
        if self._is_at_start:
            self._is_at_start = False
            whole = whole.removeprefix(codecs.BOM_UTF8)
        return whole

    def _hold(self, line: bytes) -> None:
        self._held += len(line)
        self._check()

    def _check(self) -> None:
        size = self._held + self._waiting
        if size > LONGEST_EVENT:
            raise InvalidResponseError(
                f"the server sent {size} bytes of a stream without ending an event"
            )

    def _ends_open(self) -> bool:
        return bool(self._pending) and self._pending[-1].endswith(b"\r")

    def _events(self, lines: list[bytes]) -> list[str]:
        events: list[str] = []
        for line in lines:
            bare = line.rstrip(b"\r\n")
            if bare.startswith(b"data:"):
                self._data.append(_text(bare[5:]))
                self._hold(bare)
            elif not bare and self._data:
                events.append("\n".join(self._data))
                self._data, self._bare, self._held = [], [], 0
            elif self._bare or bare.startswith((b"{", b"[")):
                self._bare.append(_text(bare))
                self._hold(bare)
        return events


class LineDecoder:
    """Turns pieces of a body into its lines: one JSON value a line (NDJSON)."""

    def __init__(self) -> None:
        self._pending: list[bytes] = []
        self._held = 0

    def feed(self, piece: bytes) -> list[str]:
        """Take the next bytes and return the lines that they complete.

        Raises:
            InvalidResponseError: If a line is not UTF-8 or longer than any provider's.
        """
        head, found, rest = piece.rpartition(b"\n")
        lines = b"".join([*self._pending, head]).split(b"\n") if found else []
        if found:
            self._pending, self._held = [], 0
        self._pending.append(rest)
        self._held += len(rest)
        if self._held > LONGEST_EVENT:
            raise InvalidResponseError(
                f"the server sent {self._held} bytes of a stream without ending a line"
            )
        return [_text(line) for line in lines if line.strip()]

    def finish(self) -> list[str]:
        """The last line, when the body ends behind a whole value without a newline."""
        rest = b"".join(self._pending).strip()
        self._pending = []
        # A body that ends inside a value was cut; half a value must not pass for one.
        found = [_text(rest)] if rest else []
        return [data for data in found if _is_json(data)]


def _text(value: bytes) -> str:
    try:
        return value.removeprefix(b" ").decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidResponseError(
            f"the server sent an event that is not UTF-8: {error}"
        ) from error


def _is_json(data: str) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True
