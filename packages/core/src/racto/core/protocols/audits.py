"""Audit loggers: whatever keeps a record of who asked what and got which answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class AuditLogger(Protocol):
    """Takes records without blocking the request and without losing them."""

    def log(
        self,
        *,
        user_id: str,
        model: str,
        prompt: str,
        response: str,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Record one exchange.

        Args:
            user_id: Who asked, empty when unknown; records of one user keep their order.
            model: Which model answered.
            prompt: What was asked.
            response: What was answered, or the error's message.
            metadata: Further facts, JSON-serialisable.
        """
        ...

    async def alog(
        self,
        *,
        user_id: str,
        model: str,
        prompt: str,
        response: str,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Async twin of :meth:`log`."""
        ...

    def close(self) -> None:
        """Write what is still buffered; calling it twice is fine."""
        ...

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        ...
