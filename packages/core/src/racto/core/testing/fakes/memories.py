"""A chat memory in a dictionary."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from racto.core.flows import threaded
from racto.core.messages import Message, MessageRole


class DictMemory:
    """Keeps the latest messages of each conversation.

    Args:
        max_messages: Most messages of a conversation to keep.
    """

    def __init__(self, max_messages: int = 100) -> None:
        if max_messages < 1:
            raise ValueError(f"max_messages must be at least 1, not {max_messages}")
        self._limit = max_messages
        self._turns: dict[str, tuple[Message, ...]] = {}
        self._lock = threading.Lock()

    def append(self, conversation_id: str, role: str, content: str) -> None:
        """Add one text message."""
        self.extend(conversation_id, [Message(role=MessageRole(role), content=content)])

    aappend = threaded(append)

    def extend(self, conversation_id: str, messages: Sequence[Message]) -> None:
        """Add several messages, all or none."""
        with self._lock:
            turns = (*self._turns.get(conversation_id, ()), *messages)[-self._limit :]
            # A tool's answer whose question was just cut off makes a history nobody accepts.
            while turns and turns[0].role is MessageRole.TOOL:
                turns = turns[1:]
            self._turns[conversation_id] = turns

    aextend = threaded(extend)

    def get_history(self, conversation_id: str) -> list[dict[str, Any]]:
        """All kept messages as ``{"role", "content"}``, oldest first."""
        turns = self._turns.get(conversation_id, ())
        return [{"role": turn.role.value, "content": turn.text} for turn in turns]

    aget_history = threaded(get_history)

    def messages(self, conversation_id: str) -> list[Message]:
        """All kept messages, whole, oldest first."""
        return list(self._turns.get(conversation_id, ()))

    amessages = threaded(messages)

    def clear(self, conversation_id: str) -> None:
        """Forget a conversation."""
        with self._lock:
            self._turns.pop(conversation_id, None)

    aclear = threaded(clear)

    def count(self, conversation_id: str) -> int:
        """How many messages are kept."""
        return len(self._turns.get(conversation_id, ()))

    acount = threaded(count)
