"""Chat with a local model: a stream, a tool, and a reply of a given shape.

Set OLLAMA_HOST to the address of a server (`ollama serve`), and OLLAMA_MODEL to a model that it
has. Without them a loopback server of racto-testing stands in.
"""

from __future__ import annotations

import os

from pydantic import BaseModel

from racto.core import ChatConfig, ToolRegistry
from racto.providers.ollama import OllamaDeveloperKit
from racto.testing import OllamaServer, ToolCall


class Trip(BaseModel):
    city: str
    days: int


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny in {city}"


def show(kit: OllamaDeveloperKit) -> None:
    for chunk in kit.stream(ChatConfig(user_message="Say hello in three words.")):
        print(chunk.delta.text, end="", flush=True)
    tools = ToolRegistry([weather])
    asked = ChatConfig(user_message="How is Rome?", tools=tools, auto_execute_tools=True)
    print("\n", kit.chat(asked).content)
    wanted = ChatConfig(user_message="Two days in Oslo, please.", response_model=Trip)
    print(Trip.model_validate(kit.chat(wanted).parsed))


if os.environ.get("OLLAMA_HOST"):
    with OllamaDeveloperKit(os.environ.get("OLLAMA_MODEL")) as kit:
        show(kit)
else:
    print("OLLAMA_HOST is not set: a loopback server answers.")
    with OllamaServer() as server, OllamaDeveloperKit("any", base_url=server.url) as kit:
        server.say(["Hello ", "there, ", "friend."])
        server.say(tool_calls=[ToolCall(name="weather", arguments={"city": "Rome"})])
        server.say("Rome is sunny.")
        server.say('{"city": "Oslo", "days": 2}')
        show(kit)
