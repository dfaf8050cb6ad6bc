"""Chat with Gemini: thinking in a stream, a tool, and texts that mean the same.

Set GEMINI_API_KEY to ask Google. Without a key a loopback server of racto-testing stands in.
"""

from __future__ import annotations

import asyncio
import os

from racto.core import ChatConfig, EmbeddingConfig, ToolRegistry
from racto.providers.google import GoogleDeveloperKit
from racto.testing import GeminiServer, ToolCall


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny in {city}"


async def show(kit: GoogleDeveloperKit) -> None:
    question = ChatConfig(user_message="Is 1,009 a prime number?", native_thinking=True)
    async for chunk in kit.astream(question):
        print(chunk.delta.thinking or chunk.delta.text, end="", flush=True)
    tools = ToolRegistry([weather])
    asked = ChatConfig(user_message="How is Rome?", tools=tools, auto_execute_tools=True)
    print("\n", (await kit.achat(asked)).content)
    made = await kit.aembed(EmbeddingConfig(texts=["The sea is wide.", "The ocean is vast."]))
    first, second = (vector.embedding for vector in made.vectors)
    # The vectors have length 1, so this is their cosine.
    print(f"likeness {sum(one * other for one, other in zip(first, second, strict=True)):.2f}")


async def main() -> None:
    if os.environ.get("GEMINI_API_KEY") or os.environ.get("GOOGLE_API_KEY"):
        async with GoogleDeveloperKit() as kit:
            await show(kit)
        return
    print("GEMINI_API_KEY is not set: a loopback server answers.")
    with GeminiServer() as server:
        server.say(["Yes, ", "it is."], thinking=["No prime up to 31 ", "divides it. "])
        server.say(tool_calls=[ToolCall(name="weather", arguments={"city": "Rome"})])
        server.say("Rome is sunny.")
        async with GoogleDeveloperKit(api_key=server.key, base_url=server.url) as kit:
            await show(kit)


asyncio.run(main())
