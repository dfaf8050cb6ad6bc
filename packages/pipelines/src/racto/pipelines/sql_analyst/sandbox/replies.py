"""Replies of the process, read as those of a stranger: a wrong byte is an error, never a guess."""

from __future__ import annotations

import datetime as dt
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from racto.pipelines.errors import SandboxLimitError, SandboxViolationError

from . import frames
from .jail.channel import HEAD, MAGIC

_MOST_BLOBS = 32
_DEEPEST = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One message of the process.

    Attributes:
        head: What the message says.
        blobs: Arrow streams that it refers to.
    """

    head: Mapping[str, Any]
    blobs: tuple[bytes, ...] = ()

    def text(self, key: str) -> str:
        """A text of the head; empty when it is missing."""
        found = self.head.get(key, "")
        return found if isinstance(found, str) else ""

    def count(self, key: str) -> int:
        """A number of the head; 0 when it is missing."""
        found = self.head.get(key, 0)
        return found if type(found) is int and found >= 0 else 0


def take_reply(received: bytearray, most: int) -> Reply | None:
    """Take one whole message from the front of what was received; None if more must come.

    Args:
        received: Bytes so far; those of the message are removed.
        most: Bytes that a message may have.

    Raises:
        SandboxLimitError: If the message says that it is longer.
        SandboxViolationError: If these bytes are no message.
    """
    if len(received) < HEAD.size:
        return None
    mark, length, count = HEAD.unpack_from(received)
    # Whoever forges a reply may send what an honest one could: all else is refused here.
    if mark != MAGIC or count > _MOST_BLOBS:
        raise SandboxViolationError("the analysis wrote to the channel of its results")
    body = HEAD.size + 8 * count
    if len(received) < body:
        return None
    sizes = struct.unpack_from(f"<{count}Q", received, HEAD.size)
    whole = body + length + sum(sizes)
    # Said before it is read: nothing is kept for a length that somebody only claims.
    if whole > most:
        raise too_large(whole, most)
    if len(received) < whole:
        return None
    message = bytes(memoryview(received)[:whole])
    del received[:whole]
    blobs, at = [], body + length
    for size in sizes:
        blobs.append(message[at : at + size])
        at += size
    return Reply(head=_head(message[body : body + length]), blobs=tuple(blobs))


def too_large(size: int, most: int) -> SandboxLimitError:
    """The error for a result of so many bytes."""
    return SandboxLimitError(
        f"the result has {size:,} bytes and may have {most:,}: aggregate or cut it in the code, or "
        "raise max_output_bytes"
    )


def _head(text: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    # Deep nesting ends in a RecursionError, numbers without end in a ValueError.
    except (ValueError, RecursionError) as error:
        raise SandboxViolationError("the analysis sent a reply that is no JSON") from error
    if not isinstance(found, dict):
        raise SandboxViolationError("the analysis sent a reply without a head")
    return found


def value_of(reply: Reply, engine: str) -> Any:
    """The value that a reply carries.

    Args:
        reply: A reply of the kind ``result``.
        engine: What makes frames of its blobs.

    Raises:
        SandboxViolationError: If it is not one that the process would have sent.
    """
    try:
        return _Decoder(reply.blobs, engine).decode(reply.head.get("value"), 0)
    except (KeyError, TypeError, ValueError, ArithmeticError, IndexError) as error:
        raise SandboxViolationError("the analysis sent a result that does not decode") from error


class _Decoder:
    def __init__(self, blobs: tuple[bytes, ...], engine: str) -> None:
        self._blobs, self._engine = blobs, engine

    def decode(self, found: Any, depth: int) -> Any:
        if depth > _DEEPEST:
            raise ValueError("nested too deeply")
        if isinstance(found, list):
            return [self.decode(entry, depth + 1) for entry in found]
        if not isinstance(found, dict):
            return found
        kind, content = found["t"], found["v"]
        # As pairs: keys of a result are not always text, and keys of JSON are.
        if kind == "dict":
            return {self.decode(key, depth + 1): self.decode(v, depth + 1) for key, v in content}
        if kind in ("frame", "series"):
            return self._frame(found, kind)
        return _SCALARS[kind](content)

    def _frame(self, head: dict[str, Any], kind: str) -> Any:
        place = head["v"]
        # True and False are integers too, and would be taken for places.
        if type(place) is not int or place < 0:
            raise ValueError("no such frame")
        frame = frames.unpacked(self._blobs[place], self._engine)
        if self._engine == frames.PANDAS:
            columns = [_label(label) for label in head["columns"]]
            frame = frames.labelled(frame, columns, [_label(name) for name in head["index"]])
            return frame if kind == "frame" else frame.iloc[:, 0]
        return frame if kind == "frame" else frame.to_series()


def _label(label: Any) -> Any:
    return tuple(_label(part) for part in label) if isinstance(label, list) else label


def _timedelta(parts: list[int]) -> dt.timedelta:
    days, seconds, micros = parts
    return dt.timedelta(days=days, seconds=seconds, microseconds=micros)


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "decimal": Decimal,
    "bytes": bytes.fromhex,
    "datetime": dt.datetime.fromisoformat,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "timedelta": _timedelta,
}
