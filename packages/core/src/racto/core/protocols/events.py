"""Event sinks: whatever takes keyed records for others to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class EventSink(Protocol):
    """Publishes records; records of one key keep their order."""

    def publish(
        self,
        topic: str,
        value: Any,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> object:
        """Hand over one record.

        Args:
            topic: Where it goes.
            value: JSON-serialisable content; None marks the key as deleted.
            key: What keeps its order.
            headers: Facts beside the content.

        Returns:
            What the sink has to tell, such as the record's place; callers may not count on it.
        """
        ...

    async def apublish(
        self,
        topic: str,
        value: Any,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> object:
        """Async twin of :meth:`publish`."""
        ...

    def flush(self, timeout: float | None = None) -> int:
        """Wait until all is delivered; how many records are not yet, after ``timeout`` seconds."""
        ...

    async def aflush(self, timeout: float | None = None) -> int:
        """Async twin of :meth:`flush`."""
        ...

    def close(self) -> None:
        """Deliver what is still buffered and give the connection back; twice is fine."""
        ...

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        ...
