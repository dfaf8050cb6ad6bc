"""Kits that answer at once, or after 10 ms, with one reply that was made before."""

from __future__ import annotations

import asyncio
from typing import Any


class InstantKit:
    """Answers each request with the same reply."""

    provider = "instant"
    model = "instant-1"

    def __init__(self, reply: Any, *, seconds: float = 0.0) -> None:
        self._reply = reply
        self._seconds = seconds

    def chat(self, config: Any) -> Any:
        """The reply, at once."""
        return self._reply

    async def achat(self, config: Any) -> Any:
        """The reply, after a while."""
        await asyncio.sleep(self._seconds)
        return self._reply


def options(count: int) -> list[str]:
    """Options as they are in practice: a few words each."""
    return [f"Department {number} of the company" for number in range(count)]


def words(count: int) -> str:
    """The reply that chooses the last of them."""
    return f'{{"selected": "{options(count)[-1]}", "confidence": 0.9}}'
