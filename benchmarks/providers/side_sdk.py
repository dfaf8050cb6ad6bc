"""The official SDK on one client, its typed calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server import CHUNKS, conversation, started


def chat(messages: int) -> Callable[[], int]:
    """One call of a conversation."""
    client, turns = _client(), conversation(messages)

    def once() -> int:
        client.chat.completions.create(model="m", messages=turns, max_completion_tokens=4096)
        return 1

    return once


def per_chunk() -> Callable[[], float]:
    """Microseconds of CPU a chunk, over ten streams."""
    import time

    client = _client()
    turns: Any = [{"role": "user", "content": "Tell me a story."}]

    def once() -> float:
        begun = time.process_time()
        for _ in range(10):
            for _chunk in client.chat.completions.create(model="m", messages=turns, stream=True):
                continue
        return (time.process_time() - begun) / (10 * CHUNKS) * 1e6

    once()
    return once


def _client() -> Any:
    from openai import OpenAI

    return OpenAI(api_key="k", base_url=started(), max_retries=0)
