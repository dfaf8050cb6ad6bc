"""What all chat memories have in common: bounded histories over a shelf that keeps records."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from racto.cache.config import ChatMemoryConfig
from racto.core.flows import arun, run
from racto.core.messages import Message, MessageRole
from racto.core.protocols.metrics import Metrics

from .records import all_unpacked, head_of, packed
from .shelves import Added, Shelf
from .summaries import Summaries, Summarizer
from .tokens import MessageCounter, estimated_tokens
from .windows import fitting

METRIC_DROPPED = "racto.memory.dropped"

_PATIENCE = 4

_log = logging.getLogger("racto.cache")


class ShelvedMemory:
    """Keeps the latest turns of many conversations, whole, oldest dropped first.

    At most ``max_turns * 2`` messages are kept. A tool's result whose call is gone, or never came,
    goes with it.

    With a ``summarize`` hook nothing is dropped unseen: a full conversation's older half is given
    to the hook, and its text takes their place as a system message at the head. While the hook
    fails the messages stay, the failure is logged and counted, and the next message tries again;
    only beyond four times the limit are the oldest dropped without it. What was added is kept
    whether the hook fails or not.

    Args:
        shelf: Where records are kept.
        config: Turns, time to live, tokens.
        summarize: The hook.
        counter: Counts the tokens of a message, for reads that are bounded by tokens.
        metrics: Counts messages that were dropped, and summaries.
    """

    def __init__(
        self,
        shelf: Shelf,
        *,
        config: ChatMemoryConfig,
        summarize: Summarizer | None,
        counter: MessageCounter | None,
        metrics: Metrics | None,
    ) -> None:
        self._shelf, self._config, self._metrics = shelf, config, metrics
        self._counter = counter or estimated_tokens
        self._summaries = Summaries(summarize, metrics) if summarize else None
        self._most = config.max_turns * 2
        self._bound = self._most * _PATIENCE if summarize else self._most

    def append(self, conversation_id: str, role: str, content: str) -> None:
        """Add one text message.

        Raises:
            ValueError: If ``role`` is none of :class:`~racto.core.MessageRole`.
        """
        self.extend(conversation_id, [Message(role=MessageRole(role), content=content)])

    async def aappend(self, conversation_id: str, role: str, content: str) -> None:
        """Async twin of :meth:`append`."""
        await self.aextend(conversation_id, [Message(role=MessageRole(role), content=content)])

    def extend(self, conversation_id: str, messages: Sequence[Message]) -> None:
        """Add several messages in one step, all or none: a question and its answer, a tool's round.

        Raises:
            ValueError: If a message cannot be kept.
        """
        if records := packed(messages):
            added = self._shelf.add(conversation_id, records, self._bound)
            if summaries := self._due(added):
                run(summaries.fold(conversation_id, self._shelf, self._most))

    async def aextend(self, conversation_id: str, messages: Sequence[Message]) -> None:
        """Async twin of :meth:`extend`."""
        if records := packed(messages):
            added = await self._shelf.aadd(conversation_id, records, self._bound)
            if summaries := self._due(added):
                await arun(summaries.fold(conversation_id, self._shelf, self._most))

    def get_history(
        self, conversation_id: str, *, max_tokens: int | None = None
    ) -> list[dict[str, Any]]:
        """What is kept as ``{"role", "content"}``, oldest first; ``max_tokens`` as in messages."""
        return _plain(self.messages(conversation_id, max_tokens=max_tokens))

    async def aget_history(
        self, conversation_id: str, *, max_tokens: int | None = None
    ) -> list[dict[str, Any]]:
        """Async twin of :meth:`get_history`."""
        return _plain(await self.amessages(conversation_id, max_tokens=max_tokens))

    def messages(self, conversation_id: str, *, max_tokens: int | None = None) -> list[Message]:
        """What is kept, whole, oldest first; fit for ``ChatConfig.history``.

        Args:
            conversation_id: Which conversation.
            max_tokens: Most tokens of all together: a summary and the latest messages that fit.
                By default that of the configuration.

        Raises:
            InvalidResponseError: If a record is damaged or foreign; nothing is left out in silence.
            ValueError: If ``max_tokens`` is below 1.
        """
        return self._read(conversation_id, self._shelf.read(conversation_id), max_tokens)

    async def amessages(
        self, conversation_id: str, *, max_tokens: int | None = None
    ) -> list[Message]:
        """Async twin of :meth:`messages`."""
        return self._read(conversation_id, await self._shelf.aread(conversation_id), max_tokens)

    def clear(self, conversation_id: str) -> None:
        """Forget a conversation; fine if it is unknown."""
        self._shelf.clear(conversation_id)

    async def aclear(self, conversation_id: str) -> None:
        """Async twin of :meth:`clear`."""
        await self._shelf.aclear(conversation_id)

    def count(self, conversation_id: str) -> int:
        """How many messages are kept, a summary included."""
        return self._shelf.count(conversation_id)

    async def acount(self, conversation_id: str) -> int:
        """Async twin of :meth:`count`."""
        return await self._shelf.acount(conversation_id)

    def _read(
        self, conversation_id: str, records: list[bytes], max_tokens: int | None
    ) -> list[Message]:
        if max_tokens is not None and max_tokens < 1:
            raise ValueError(f"max_tokens must be at least 1, not {max_tokens}")
        messages = all_unpacked(records, conversation_id=conversation_id, store=self._shelf.store)
        most = max_tokens or self._config.max_tokens
        if most is None:
            return messages
        has_summary = bool(records) and head_of(records[0]).is_summary
        return fitting(messages, most, self._counter, has_summary=has_summary)

    def _due(self, added: Added) -> Summaries | None:
        """Who makes a summary now, if one is due; tells what went without."""
        if added.dropped:
            if self._metrics is not None:
                attributes = {"memory": self._shelf.store}
                self._metrics.count(METRIC_DROPPED, added.dropped, attributes)
            if self._summaries is not None:
                _log.warning("%d messages went without a summary: the hook fails", added.dropped)
        return self._summaries if added.size > self._most else None


def _plain(messages: list[Message]) -> list[dict[str, Any]]:
    return [{"role": message.role.value, "content": message.text} for message in messages]
