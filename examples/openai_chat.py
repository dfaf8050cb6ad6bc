"""Chat with OpenAI: thinking in a stream, a tool, and a reply of a given shape.

Set OPENAI_API_KEY to ask OpenAI. Without a key a loopback server of racto-testing stands in.
"""

from __future__ import annotations

import os

from pydantic import BaseModel

from racto.core import ChatConfig, ToolRegistry
from racto.providers.openai import OpenAIDeveloperKit
from racto.testing import OpenAIServer, ToolCall


class Trip(BaseModel):
    city: str
    days: int


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny in {city}"


def show(kit: OpenAIDeveloperKit) -> None:
    question = ChatConfig(user_message="Is 1,009 a prime number?", native_thinking=True)
    for chunk in kit.stream(question):
        print(chunk.delta.thinking or chunk.delta.text, end="", flush=True)
    tools = ToolRegistry([weather])
    asked = ChatConfig(user_message="How is Rome?", tools=tools, auto_execute_tools=True)
    print("\n", kit.chat(asked).content)
    wanted = ChatConfig(user_message="Two days in Oslo, please.", response_model=Trip)
    reply = kit.chat(wanted)
    print(Trip.model_validate(reply.parsed), reply.usage.total_tokens, "tokens")


if os.environ.get("OPENAI_API_KEY"):
    with OpenAIDeveloperKit() as kit:
        show(kit)
else:
    print("OPENAI_API_KEY is not set: a loopback server answers.")
    with (
        OpenAIServer() as server,
        OpenAIDeveloperKit(api_key=server.key, base_url=server.url, api="responses") as kit,
    ):
        server.say(["Yes, ", "it is."], thinking=["No prime up to 31 ", "divides it. "])
        server.say(tool_calls=[ToolCall(name="weather", arguments={"city": "Rome"})])
        server.say("Rome is sunny.")
        server.say('{"city": "Oslo", "days": 2}')
        show(kit)
