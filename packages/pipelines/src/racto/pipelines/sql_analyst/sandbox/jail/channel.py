"""Messages between the two processes: a JSON head, and blobs of bytes behind it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from typing import Any

HEAD = struct.Struct("<4sII")
MAGIC = b"RAJ1"


def packed(head: dict[str, Any], blobs: Sequence[bytes | memoryview] = ()) -> list[bytes]:
    """A message as the pieces that are written one after the other."""
    text = json.dumps(head, allow_nan=False).encode()
    sizes = struct.pack(f"<{len(blobs)}Q", *map(len, blobs))
    return [HEAD.pack(MAGIC, len(text), len(blobs)) + sizes + text, *map(bytes, blobs)]


def receive(read: Callable[[int], bytes]) -> tuple[dict[str, Any], list[bytes]] | None:
    """Read one message of a writer that is trusted; None at the end of the stream.

    Args:
        read: Reads exactly so many bytes, or fewer at the end.
    """
    # The parent's bytes: lengths are believed here, and nowhere on the other side.
    start = read(HEAD.size)
    if len(start) < HEAD.size:
        return None
    _, length, count = HEAD.unpack(start)
    sizes = struct.unpack(f"<{count}Q", read(8 * count))
    head: dict[str, Any] = json.loads(read(length))
    return head, [read(size) for size in sizes]
