"""Chat memories: bounded conversation histories by id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from racto.core.messages import Message


@runtime_checkable
class ChatMemory(Protocol):
    """Keeps the latest turns of many conversations, oldest dropped first.

    A tool's result is never kept without the call that it answers: where the oldest messages are
    dropped between the two, the result goes with its call. What is returned is the caller's own.
    """

    def append(self, conversation_id: str, role: str, content: str) -> None:
        """Add one text message.

        Raises:
            ValueError: If ``role`` is none of :class:`~racto.core.MessageRole`.
        """
        ...

    async def aappend(self, conversation_id: str, role: str, content: str) -> None:
        """Async twin of :meth:`append`."""
        ...

    def extend(self, conversation_id: str, messages: Sequence[Message]) -> None:
        """Add several messages, tool calls and results included, all or none."""
        ...

    async def aextend(self, conversation_id: str, messages: Sequence[Message]) -> None:
        """Async twin of :meth:`extend`."""
        ...

    def get_history(self, conversation_id: str) -> list[dict[str, Any]]:
        """All kept messages as ``{"role", "content"}``, oldest first; empty when unknown."""
        ...

    async def aget_history(self, conversation_id: str) -> list[dict[str, Any]]:
        """Async twin of :meth:`get_history`."""
        ...

    def messages(self, conversation_id: str) -> list[Message]:
        """All kept messages, whole, oldest first; fit for ``ChatConfig.history``."""
        ...

    async def amessages(self, conversation_id: str) -> list[Message]:
        """Async twin of :meth:`messages`."""
        ...

    def clear(self, conversation_id: str) -> None:
        """Forget a conversation; fine if it is unknown."""
        ...

    async def aclear(self, conversation_id: str) -> None:
        """Async twin of :meth:`clear`."""
        ...

    def count(self, conversation_id: str) -> int:
        """How many messages are kept."""
        ...

    async def acount(self, conversation_id: str) -> int:
        """Async twin of :meth:`count`."""
        ...
