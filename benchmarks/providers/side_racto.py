"""racto's kit and its local embedder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from server import CHUNKS, conversation, started
from texts import sentences

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
    """One call of a conversation."""
    from racto.core import ChatConfig, Message
    from racto.providers.openai import OPENAI, OpenAIDeveloperKit

    kit = OpenAIDeveloperKit("m", api_key="k", base_url=started(), dialect=OPENAI)
    *turns, last = conversation(messages)
    history = tuple(Message.model_validate(turn) for turn in turns)
    config = ChatConfig(user_message=last["content"], history=history)

    def once() -> int:
        kit.chat(config)
        return 1

    return once


def stream() -> Callable[[], int]:
    """One stream, read to its end; counts chunks."""
    from racto.core import ChatConfig
    from racto.providers.openai import OPENAI, OpenAIDeveloperKit

    kit = OpenAIDeveloperKit("m", api_key="k", base_url=started(), dialect=OPENAI)
    config = ChatConfig(user_message="Tell me a story.")

    def once() -> int:
        return sum(1 for _ in kit.stream(config)) - 1

    return once


def per_chunk() -> Callable[[], float]:
    """Microseconds of CPU a chunk, over ten streams."""
    import time

    read = stream()
    read()

    def once() -> float:
        begun = time.process_time()
        chunks = sum(read() for _ in range(10))
        assert chunks == 10 * CHUNKS
        return (time.process_time() - begun) / chunks * 1e6

    return once


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
