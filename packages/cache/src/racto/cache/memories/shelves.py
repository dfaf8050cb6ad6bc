"""Where the records of conversations are kept: the few atomic steps that a memory is made of."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Added(NamedTuple):
    """What adding to a conversation did.

    Attributes:
        size: Records now, a summary included.
        dropped: How many went.
    """

    size: int
    dropped: int


class Shelf(Protocol):
    """Keeps the records of conversations; every step is atomic."""

    store: str

    def add(self, conversation_id: str, records: list[bytes], most: int) -> Added:
        """Add records, drop what :func:`surviving` drops, and start the time to live anew."""
        ...

    async def aadd(self, conversation_id: str, records: list[bytes], most: int) -> Added:
        """Async twin of :meth:`add`."""
        ...

    def read(self, conversation_id: str) -> list[bytes]:
        """All records, oldest first."""
        ...

    async def aread(self, conversation_id: str) -> list[bytes]:
        """Async twin of :meth:`read`."""
        ...

    def fold(self, conversation_id: str, seen: list[bytes], summary: bytes) -> bool:
        """Put a summary in place of the first records, if they are still those that were seen."""
        ...

    async def afold(self, conversation_id: str, seen: list[bytes], summary: bytes) -> bool:
        """Async twin of :meth:`fold`."""
        ...

    def count(self, conversation_id: str) -> int:
        """How many records there are."""
        ...

    async def acount(self, conversation_id: str) -> int:
        """Async twin of :meth:`count`."""
        ...

    def clear(self, conversation_id: str) -> None:
        """Remove them all."""
        ...

    async def aclear(self, conversation_id: str) -> None:
        """Async twin of :meth:`clear`."""
        ...
