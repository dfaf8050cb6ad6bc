"""Conversations: earlier questions with their SQL and answers, for the questions that follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.errors import ConfigurationError
from racto.core.flows import Flow
from racto.core.messages import Message

from .excerpts import quoted
from .voices import ask

_TURNS = 6
_TURN_CHARACTERS = 1500


class Conversations:
    """Keeps what was asked and answered, by session.

    Args:
        memory: Any chat memory, or one like the reference's with no more than
            ``get_history(session_id)`` and ``append(session_id, role, content)``. None keeps
            nothing.
    """

    def __init__(self, memory: Any | None) -> None:
        self._memory = memory

    def recall(self, session: str | None) -> Flow[str]:
        """What was said before, as a block for a prompt; empty when nothing was.

        Raises:
            ConfigurationError: If the memory gives something else than a list of turns.
        """
        if self._memory is None or session is None:
            return ""
        turns = yield from ask(self._memory, "get_history", session)
        if not isinstance(turns, list) or not all(isinstance(turn, Mapping) for turn in turns):
            raise ConfigurationError(
                f"{type(self._memory).__name__}.get_history gives no list of dictionaries"
            )
        if not turns:
            return ""
        said = [
            f"{turn.get('role', '?')}: {_clipped(str(turn.get('content', '')))}"
            for turn in turns[-_TURNS:]
        ]
        # As data, and not as turns of the chat: answers quote rows, which must not be obeyed.
        block = quoted("conversation", "\n".join(said), limit=_TURNS * (_TURN_CHARACTERS + 40))
        return f"The conversation so far, to which the question may refer:\n{block}"

    def keep(self, session: str | None, question: str, *, sql: str, answer: str) -> Flow[None]:
        """Add a question and what came of it, both or neither where the memory can.

        Args:
            session: Whose conversation.
            question: What was asked.
            sql: The statement that ran.
            answer: The answer, or a line about the rows when there is none.
        """
        if self._memory is None or session is None:
            return
        # With the statement, for "and by month?" changes it more often than it changes the answer.
        told = f"SQL: {sql}\n\n{answer}"
        if hasattr(self._memory, "extend"):
            turns = [Message.user(question), Message.assistant(told)]
            yield from ask(self._memory, "extend", session, turns)
            return
        yield from ask(self._memory, "append", session, "user", question)
        yield from ask(self._memory, "append", session, "assistant", told)


def _clipped(text: str) -> str:
    return text if len(text) <= _TURN_CHARACTERS else f"{text[:_TURN_CHARACTERS]}..."
