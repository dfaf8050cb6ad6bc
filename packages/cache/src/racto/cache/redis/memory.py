"""A chat memory that any number of processes share on Redis: one round trip to add or to read."""

from __future__ import annotations

from typing import Any

from racto.cache.config import ChatMemoryConfig
from racto.cache.memories.memory import ShelvedMemory
from racto.cache.memories.summaries import Summarizer
from racto.cache.memories.tokens import MessageCounter
from racto.core.protocols.metrics import Metrics

from .connections import LOCAL_URL, RedisLink, RedisOptions
from .histories import HistoryShelf


class RedisChatMemory(ShelvedMemory):
    """Keeps conversations on Redis; each step is atomic, also between processes.

    Several messages are added in one step, all or none, and the time to live begins anew with each.
    See :class:`ShelvedMemory` for what stays of a conversation. While Redis fails every method
    raises: a history that is silently empty would be wrong. After a connection broke in mid-call
    the message may have been added; adding the same again is the caller's decision.

    Records that are damaged, foreign or of a later version are never left out in silence: reading
    raises, and ``clear`` helps. Those of the reference are read, but lie under its own prefix and
    keys.

    Args:
        url: Where the Redis is; not read when ``client`` is given.
        client: A ``redis.Redis`` of yours.
        config: Turns, time to live, tokens, key prefix.
        aclient: A ``redis.asyncio.Redis`` of yours, for the async voice.
        options: How the Redis is spoken to.
        summarize: Writes a summary of what is about to go.
        counter: Counts the tokens of a message; by default an estimate.
        metrics: Counts messages that were dropped, and summaries.

    Raises:
        ConfigurationError: If the URL or an option is wrong.
    """

    def __init__(
        self,
        *,
        url: str = LOCAL_URL,
        client: Any = None,
        config: ChatMemoryConfig | None = None,
        aclient: Any = None,
        options: RedisOptions | None = None,
        summarize: Summarizer | None = None,
        counter: MessageCounter | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        config = config or ChatMemoryConfig()
        self._link = RedisLink(url, client=client, aclient=aclient, options=options)
        super().__init__(
            HistoryShelf(self._link, prefix=config.key_prefix, life=config.ttl_seconds),
            config=config,
            summarize=summarize,
            counter=counter,
            metrics=metrics,
        )

    def close(self) -> None:
        """Close the connections; your own client stays open."""
        self._link.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._link.aclose()
