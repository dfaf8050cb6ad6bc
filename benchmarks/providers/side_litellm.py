"""litellm's calls, which make one client and keep it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from server import CHUNKS, conversation, started


def chat(messages: int) -> Callable[[], int]:
    """One call of a conversation."""
    litellm, options = _ready()
    turns = conversation(messages)

    def once() -> int:
        litellm.completion(messages=turns, max_tokens=4096, **options)
        return 1

    return once


def per_chunk() -> Callable[[], float]:
    """Microseconds of CPU a chunk, over three streams."""
    litellm, options = _ready()
    # It gives up on a stream that repeats one chunk 100 times, as the server's does.
    litellm.REPEATED_STREAMING_CHUNK_LIMIT = 10 * CHUNKS
    turns = [{"role": "user", "content": "Tell me a story."}]

    def once() -> float:
        begun = time.process_time()
        for _ in range(3):
            for _chunk in litellm.completion(messages=turns, stream=True, **options):
                continue
        return (time.process_time() - begun) / (3 * CHUNKS) * 1e6

    once()
    return once


def _ready() -> tuple[Any, dict[str, Any]]:
    # It would otherwise fetch prices from the network as it is imported.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm

    litellm.telemetry = False
    options = {"model": "openai/m", "api_key": "k", "api_base": started(), "max_retries": 0}
    return litellm, options
