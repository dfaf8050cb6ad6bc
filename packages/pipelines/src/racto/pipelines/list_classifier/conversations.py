"""The memory of a pipeline: what was said before, and what is added to it."""

from __future__ import annotations

from typing import Any

from racto.core.flows import Flow
from racto.core.messages import Message, MessageRole

from .voices import voice


class Conversations:
    """Reads and adds to the turns of a conversation.

    Args:
        memory: Keeps ``ChatMemory``, or the reference's two methods.
    """

    def __init__(self, memory: Any) -> None:
        whole = hasattr(memory, "messages") or hasattr(memory, "amessages")
        self._read = voice(memory, "messages" if whole else "get_history", role="memory")
        self._append = voice(memory, "append", role="memory")

    def history(self, session_id: str | None) -> Flow[tuple[Message, ...]]:
        """The turns so far, oldest first; none without a session.

        Args:
            session_id: The conversation.
        """
        if session_id is None:
            return ()
        turns = yield self._read(session_id)
        return tuple(_message(turn) for turn in turns)

    def add(self, session_id: str | None, text: str, answer: str) -> Flow[None]:
        """Add a text and what it was found to be.

        Args:
            session_id: The conversation; None adds nothing.
            text: The user's text.
            answer: The options chosen.
        """
        if session_id is not None:
            yield self._append(session_id, MessageRole.USER.value, text)
            yield self._append(session_id, MessageRole.ASSISTANT.value, answer)


def _message(turn: Any) -> Message:
    if isinstance(turn, Message):
        return turn
    return Message(role=MessageRole(turn["role"]), content=str(turn["content"]))
