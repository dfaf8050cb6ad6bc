"""Callers who ask a cache the same at once, for the laws of coalescing."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from racto.core.requests import ChatRequest
from racto.core.responses import LLMResponse

CROWD = 7
"""How many wait for the one who leads."""


class Crowd:
    """One caller who leads, and others who join him.

    Args:
        cache: A cache with the power of coalescing.
        request: What all of them ask.

    Attributes:
        leaders: Callers who got a lead after the first one.
    """

    def __init__(self, cache: Any, request: ChatRequest) -> None:
        self._cache = cache
        self._request = request
        self.leaders = 0

    def served(self, reply: LLMResponse) -> list[LLMResponse]:
        """What the others got when the first one finished with ``reply``."""
        lead = self._cache.join(self._request)
        with ThreadPoolExecutor(max_workers=CROWD) as pool:
            waiting = [pool.submit(self._ask, reply) for _ in range(CROWD)]
            lead.finish(reply)
            return [future.result() for future in waiting]

    async def aserved(self, reply: LLMResponse) -> list[LLMResponse]:
        """Async twin of :meth:`served`."""
        lead = await self._cache.ajoin(self._request)
        waiting = [asyncio.create_task(self._aask(reply)) for _ in range(CROWD)]
        # Each of them comes as far as it can before the reply is there.
        await asyncio.sleep(0.01)
        await lead.afinish(reply)
        return list(await asyncio.gather(*waiting))

    def left(self, reply: LLMResponse) -> None:
        """The first one fails, and whoever follows brings ``reply``."""
        lead = self._cache.join(self._request)
        with ThreadPoolExecutor(max_workers=CROWD) as pool:
            waiting = [pool.submit(self._ask, reply) for _ in range(CROWD)]
            lead.abandon(ConnectionError("the line broke"))
            for future in waiting:
                future.result()

    async def aleft(self, reply: LLMResponse) -> None:
        """Async twin of :meth:`left`."""
        lead = await self._cache.ajoin(self._request)
        waiting = [asyncio.create_task(self._aask(reply)) for _ in range(CROWD)]
        await asyncio.sleep(0.01)
        lead.abandon(ConnectionError("the line broke"))
        await asyncio.gather(*waiting)

    def _ask(self, reply: LLMResponse) -> LLMResponse:
        got = self._cache.join(self._request)
        if isinstance(got, LLMResponse):
            return got
        self.leaders += 1
        got.finish(reply)
        return reply

    async def _aask(self, reply: LLMResponse) -> LLMResponse:
        got = await self._cache.ajoin(self._request)
        if isinstance(got, LLMResponse):
            return got
        self.leaders += 1
        await got.afinish(reply)
        return reply
