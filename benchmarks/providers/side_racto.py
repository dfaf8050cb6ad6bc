"""racto's kit and its local embedder."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from server import CHUNKS, connections, conversation, started
from texts import sentences

WIDTH = 64

_IMPORT = (
    "import time, pydantic, racto.core; t = time.process_time(); import {rooms}; "
    "print(time.process_time() - t)"
)
_CORE = (
    "chat",
    "stream",
    "retries",
    "schemas",
    "embeddings",
    "protocols.caches",
    "telemetry.hooks",
)


def chat(messages: int) -> Callable[[], int]:
    """One call of Chat Completions."""
    return _calls("chat", messages)


def responses(messages: int) -> Callable[[], int]:
    """One call of Responses."""
    return _calls("responses", messages)


def _calls(api: str, messages: int) -> Callable[[], int]:
    from racto.core import ChatConfig, Message

    kit, *_ = _kit(api)
    *turns, last = conversation(messages)
    history = tuple(Message.model_validate(turn) for turn in turns)
    config = ChatConfig(user_message=last["content"], history=history)

    def once() -> int:
        kit.chat(config)
        return 1

    return once


def wide_httpx2(calls: int) -> Callable[[], int]:
    """Calls of 2 messages, 64 of them at a time, on the SDK's usual transport."""
    return _wide("httpx2", calls)


def wide_aiohttp(calls: int) -> Callable[[], int]:
    """The same on the SDK's aiohttp transport."""
    return _wide("aiohttp", calls)


def _wide(transport: str, calls: int) -> Callable[[], int]:
    loop = asyncio.new_event_loop()
    kit, _ = _kit("chat", http=transport)
    return lambda: loop.run_until_complete(_asked(kit, calls))


def connections_used(calls: int, transport: str) -> Callable[[], float]:
    """How many connections so many calls open, all of them begun at once."""
    loop = asyncio.new_event_loop()
    kit, url = _kit("chat", http=transport)

    def once() -> float:
        loop.run_until_complete(_asked(kit, calls, width=calls))
        return float(connections(url))

    return once


def per_chunk(api: str) -> Callable[[], float]:
    """Microseconds of CPU a chunk, over ten streams."""
    return _chunks(api, "httpx2")


def per_chunk_aiohttp() -> Callable[[], float]:
    """The same, asynchronously on the SDK's aiohttp transport."""
    return _chunks("chat", "aiohttp")


def _chunks(api: str, transport: str) -> Callable[[], float]:
    from racto.core import ChatConfig

    kit, _ = _kit(api, http=transport)
    config = ChatConfig(user_message="Tell me a story.")
    loop = asyncio.new_event_loop()

    def read() -> int:
        if transport == "httpx2":
            return sum(1 for _ in kit.stream(config)) - 1
        return loop.run_until_complete(_read(kit, config))

    def once() -> float:
        begun = time.process_time()
        chunks = sum(read() for _ in range(10))
        assert chunks == 10 * CHUNKS
        return (time.process_time() - begun) / chunks * 1e6

    once()
    return once


def grown(calls: int, what: str) -> Callable[[], float]:
    """What so many calls on one kit leave behind: memory in MB, descriptors or threads."""
    kit, _ = _kit("chat")
    loop = asyncio.new_event_loop()
    config = _question()

    def ask(number: int) -> None:
        for _ in range(number // 2):
            kit.chat(config)
        loop.run_until_complete(_asked(kit, number - number // 2))

    def once() -> float:
        before = _held(what)
        ask(calls)
        return _held(what) - before

    # Pools fill, caches fill and the allocator settles.
    ask(max(calls // 5, WIDTH * 4))
    return once


def _held(what: str) -> float:
    gc.collect()
    if what == "threads":
        return float(threading.active_count())
    if what == "descriptors":
        return float(len(list(Path("/proc/self/fd").iterdir())))
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


async def _asked(kit: Any, calls: int, width: int = WIDTH) -> int:
    gate, config = asyncio.Semaphore(width), _question()

    async def one() -> None:
        async with gate:
            await kit.achat(config)

    await asyncio.gather(*(one() for _ in range(calls)))
    return calls


async def _read(kit: Any, config: Any) -> int:
    chunks = -1
    async for _ in kit.astream(config):
        chunks += 1
    return chunks


def _question() -> Any:
    from racto.core import ChatConfig, Message

    first, last = conversation(2)
    return ChatConfig(user_message=last["content"], history=(Message.model_validate(first),))


def _kit(api: str, **options: Any) -> tuple[Any, str]:
    from racto.providers.openai import OPENAI, OpenAIDeveloperKit

    url = started()
    kit = OpenAIDeveloperKit(
        "m", api_key="k", base_url=url, dialect=OPENAI, api=api, timeout=60.0, **options
    )
    return kit, url


def imported() -> Callable[[], float]:
    """Milliseconds that importing the kit costs, racto.core's rooms included."""
    return lambda: _imported("racto.providers.openai.kit")


def core() -> Callable[[], float]:
    """Milliseconds that importing racto.core's rooms costs, those that any kit needs."""
    return lambda: _imported(", ".join(f"racto.core.{room}" for room in _CORE))


def embed(count: int) -> Callable[[], int]:
    """Sentences embedded locally."""
    from racto.providers.local import LocalEmbedder

    embedder, texts = LocalEmbedder(), sentences(count)

    def once() -> int:
        return len(embedder.embed(texts))

    return once


def _imported(rooms: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT.format(rooms=rooms)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout) * 1e3
