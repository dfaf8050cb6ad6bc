"""The official SDK on one client, its typed calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from server import CHUNKS, conversation, started

WIDTH = 64


def chat(messages: int) -> Callable[[], int]:
    """One call of Chat Completions."""
    client, turns = _client(), conversation(messages)

    def once() -> int:
        client.chat.completions.create(model="m", messages=turns, max_completion_tokens=4096)
        return 1

    return once


def responses(messages: int) -> Callable[[], int]:
    """One call of Responses."""
    client, turns = _client(), conversation(messages)

    def once() -> int:
        client.responses.create(model="m", input=turns, max_output_tokens=4096, store=False)
        return 1

    return once


def wide_httpx2(calls: int) -> Callable[[], int]:
    """Calls of 2 messages, 64 of them at a time, on the usual transport."""
    return _wide(calls)


def wide_aiohttp(calls: int) -> Callable[[], int]:
    """The same on the aiohttp transport."""
    import openai

    return _wide(calls, http_client=openai.DefaultAioHttpClient())


def _wide(calls: int, **options: Any) -> Callable[[], int]:
    import openai

    loop = asyncio.new_event_loop()
    client = openai.AsyncOpenAI(api_key="k", base_url=started(), max_retries=0, **options)
    turns: Any = conversation(2)

    async def one(gate: asyncio.Semaphore) -> None:
        async with gate:
            await client.chat.completions.create(model="m", messages=turns)

    async def all_of_them() -> int:
        gate = asyncio.Semaphore(WIDTH)
        await asyncio.gather(*(one(gate) for _ in range(calls)))
        return calls

    return lambda: loop.run_until_complete(all_of_them())


def per_chunk(api: str) -> Callable[[], float]:
    """Microseconds of CPU a chunk, over ten streams."""
    client = _client()
    turns: Any = [{"role": "user", "content": "Tell me a story."}]

    def opened() -> Any:
        if api == "chat":
            return client.chat.completions.create(model="m", messages=turns, stream=True)
        return client.responses.create(model="m", input=turns, stream=True)

    def once() -> float:
        begun = time.process_time()
        for _ in range(10):
            for _chunk in opened():
                continue
        return (time.process_time() - begun) / (10 * CHUNKS) * 1e6

    once()
    return once


def _client() -> Any:
    from openai import OpenAI

    return OpenAI(api_key="k", base_url=started(), max_retries=0)
