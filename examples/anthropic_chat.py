"""Chat with Claude: thinking in a stream, a tool, and a reply of a given shape.

Set ANTHROPIC_API_KEY to ask Anthropic. Without a key a loopback server of racto-testing stands in.
"""

from __future__ import annotations

import os

from pydantic import BaseModel

from racto.core import ChatConfig, ToolRegistry
from racto.providers.anthropic import AnthropicDeveloperKit
from racto.testing import AnthropicServer, ToolCall


class Trip(BaseModel):
    city: str
    days: int


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny in {city}"


def show(kit: AnthropicDeveloperKit) -> None:
    question = ChatConfig(user_message="Is 1,009 a prime number?", native_thinking=True)
    for chunk in kit.stream(question):
        print(chunk.delta.thinking or chunk.delta.text, end="", flush=True)
    tools = ToolRegistry([weather])
    asked = ChatConfig(user_message="How is Rome?", tools=tools, auto_execute_tools=True)
    print("\n", kit.chat(asked).content)
    wanted = ChatConfig(user_message="Two days in Oslo, please.", response_model=Trip)
    reply = kit.chat(wanted)
    print(Trip.model_validate(reply.parsed), reply.usage.total_tokens, "tokens")


if os.environ.get("ANTHROPIC_API_KEY"):
    with AnthropicDeveloperKit() as kit:
        show(kit)
else:
    print("ANTHROPIC_API_KEY is not set: a loopback server answers.")
    with (
        AnthropicServer() as server,
        AnthropicDeveloperKit(api_key=server.key, base_url=server.url) as kit,
    ):
        server.say(["Yes, ", "it is."], thinking=["No prime up to 31 ", "divides it. "])
        server.say(tool_calls=[ToolCall(name="weather", arguments={"city": "Rome"})])
        server.say("Rome is sunny.")
        server.say('{"city": "Oslo", "days": 2}')
        show(kit)
