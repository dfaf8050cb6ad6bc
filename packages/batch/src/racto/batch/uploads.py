"""Bodies of uploads: a stretch of a file on disk between a head and a tail, read in small pieces."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from racto.core.deadlines import NO_DEADLINE, Deadline
from racto.core.errors import JobError

PIECE = 256 * 1024
"""Bytes that are in memory at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolBody:
    """What is sent of a spool file; it can be sent again.

    Attributes:
        path: The file.
        start: Where the stretch begins, in bytes.
        length: Bytes of the stretch.
        head: What goes before it.
        tail: What goes after it.
        join: Whether the breaks between lines become commas, as in a JSON array.
    """

    path: Path
    start: int = 0
    length: int
    head: bytes = b""
    tail: bytes = b""
    join: bool = False

    @property
    def size(self) -> int:
        """Bytes of the whole body."""
        return len(self.head) + self.length + len(self.tail)

    def pieces(self, deadline: Deadline = NO_DEADLINE) -> Generator[bytes]:
        """The body, piece by piece.

        Args:
            deadline: When to stop.

        Raises:
            DeadlineExceededError: If the time is up.
            JobError: If the file has become shorter.
        """
        yield self.head
        with self.path.open("rb") as file:
            file.seek(self.start)
            for left in range(self.length, 0, -PIECE):
                deadline.check("the upload")
                yield self._piece(file, left)
        yield self.tail

    async def apieces(self, deadline: Deadline = NO_DEADLINE) -> AsyncGenerator[bytes]:
        """Async twin of :meth:`pieces`; the disk is read in a thread."""
        import asyncio

        yield self.head
        file = await asyncio.to_thread(self.path.open, "rb")
        try:
            file.seek(self.start)
            for left in range(self.length, 0, -PIECE):
                deadline.check("the upload")
                yield await asyncio.to_thread(self._piece, file, left)
        finally:
            file.close()
        yield self.tail

    def _piece(self, file: BinaryIO, left: int) -> bytes:
        wanted = min(PIECE, left)
        piece = file.read(wanted)
        if len(piece) < wanted:
            raise JobError(
                f"{self.path} has become shorter while it was uploaded; nothing else may write to "
                "it: submit the items again"
            )
        # A line of JSON holds no break of its own, so each one ends a line.
        return piece.replace(b"\n", b",") if self.join else piece


def json_array(path: Path, *, head: bytes, tail: bytes) -> SpoolBody:
    """The lines of a file as the items of one JSON array.

    Args:
        path: File of lines, each ended by a line break.
        head: What opens the array.
        tail: What closes it.
    """
    # Without the last break, which would become a comma too many.
    length = max(0, path.stat().st_size - 1)
    return SpoolBody(path=path, length=length, head=head, tail=tail, join=True)


def form(path: Path, *, filename: str, fields: Mapping[str, str]) -> tuple[SpoolBody, str]:
    """A file as a ``multipart/form-data`` body.

    Args:
        path: The file.
        filename: Its name at the provider; letters, digits, dots and dashes.
        fields: Further fields; plain words.

    Returns:
        The body and its content type.
    """
    boundary = f"racto-{secrets.token_hex(16)}"
    texts = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head = (
        f"{texts}--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        "Content-Type: application/jsonl\r\n\r\n"
    )
    tail = f"\r\n--{boundary}--\r\n"
    body = SpoolBody(path=path, length=path.stat().st_size, head=head.encode(), tail=tail.encode())
    return body, f"multipart/form-data; boundary={boundary}"
