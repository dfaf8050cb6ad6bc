"""Ask a model of the Hub, through the router of Hugging Face's Inference Providers.

Set HF_TOKEN to ask the router, and HF_MODEL to choose the model. Without a token a loopback server
of racto-testing stands in.
"""

from __future__ import annotations

import asyncio
import os

from racto.core import ChatConfig, Message
from racto.providers.huggingface import HuggingFaceDeveloperKit
from racto.testing import HuggingFaceServer


async def show(kit: HuggingFaceDeveloperKit) -> None:
    question = ChatConfig(user_message="Why is the sea blue? One sentence.")
    async for chunk in kit.astream(question):
        print(chunk.delta.text, end="", flush=True)
    # The final chunk holds the whole reply, ready for the next turn's history.
    assert chunk.response is not None
    history = (Message.user(question.user_message), chunk.response.message)
    reply = await kit.achat(ChatConfig(user_message="And at night?", history=history))
    print("\n", reply.content, reply.usage.total_tokens, "tokens")


async def main() -> None:
    if os.environ.get("HF_TOKEN"):
        async with HuggingFaceDeveloperKit(os.environ.get("HF_MODEL"), provider="fastest") as kit:
            await show(kit)
        return
    print("HF_TOKEN is not set: a loopback server answers.")
    with HuggingFaceServer() as server:
        server.say(["Water ", "swallows ", "red light."])
        server.say("At night there is none to swallow.")
        async with HuggingFaceDeveloperKit(
            "any/model", token=server.key, base_url=server.url
        ) as kit:
            await show(kit)


asyncio.run(main())
