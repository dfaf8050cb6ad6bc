"""What a classification costs without a classifier: a request, a kit's reply, its JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator

from instant_kit import InstantKit, options, words  # type: ignore[import-not-found]
from pydantic import BaseModel

from racto.core import ChatConfig, LLMResponse, Usage

TEXT = "My invoice of last month is wrong, and nobody answers the phone."


class Choice(BaseModel):
    """The static response model."""

    selected: str
    confidence: float


def _config(text: str, system: str) -> ChatConfig:
    return ChatConfig(
        user_message=text, system=system, temperature=0.0, max_tokens=512, response_model=Choice
    )


def once(count: int) -> Callable[[], None]:
    """One text for ``count`` options."""
    kit = InstantKit(LLMResponse(content=words(count), usage=Usage(input_tokens=100)))
    known = options(count)
    system = "Choose one of: " + ", ".join(known)

    def call() -> None:
        reply = kit.chat(_config(TEXT, system))
        assert json.loads(reply.content)["selected"] == known[-1]

    return call


def many(count: int, width: int) -> Callable[[], int]:
    """``count`` texts by ``width`` tasks."""
    kit = InstantKit(LLMResponse(content=words(5), usage=Usage(input_tokens=100)), seconds=0.01)
    system = "Choose one of: " + ", ".join(options(5))
    loop = asyncio.new_event_loop()

    async def work(texts: Iterator[str], found: list[str]) -> None:
        for text in texts:
            reply = await kit.achat(_config(text, system))
            found.append(json.loads(reply.content)["selected"])

    async def everything() -> int:
        texts = iter([f"{TEXT} {number}" for number in range(count)])
        found: list[str] = []
        await asyncio.gather(*(work(texts, found) for _ in range(width)))
        return len(found)

    return lambda: loop.run_until_complete(everything())
