"""What racto sends is what Google's own SDK sends for the same interaction, path and body alike."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from google import genai
from google.genai import types
from pydantic import BaseModel

from racto.core import ChatConfig, Message, MessageRole, RactoFile, ToolRegistry
from racto.core.content import (
    DocumentPart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from racto.providers.google import GoogleDeveloperKit
from racto.providers.google.schemas import adapted_model_schema
from racto.testing import GeminiServer, Reply

MODEL = "gemini-3.8-flash"
DATA = base64.b64encode(b"bytes").decode()


class City(BaseModel):
    name: str


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return city


TOOLS = ToolRegistry([weather])
SDK_TOOLS = [
    {
        "type": "function",
        "name": "weather",
        "description": "Tell the weather of a city.",
        "parameters": TOOLS.schemas[0].to_json_schema(),
    }
]


def words(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def user(*contents: dict[str, Any]) -> dict[str, Any]:
    return {"type": "user_input", "content": list(contents)}


CASES: dict[str, tuple[dict[str, Any], list[Any], dict[str, Any]]] = {
    "words": ({"user_message": "hi"}, [user(words("hi"))], {}),
    "system text, sampling and thinking": (
        {
            "user_message": "hi", "system": "Be brief.", "temperature": 0.5, "top_p": 0.25,
            "seed": 3, "stop": ("a",), "native_thinking": True, "reasoning_effort": "low",
        },
        [user(words("hi"))],
        {
            "system_instruction": "Be brief.",
            "generation_config": {
                "temperature": 0.5, "top_p": 0.25, "seed": 3, "stop_sequences": ["a"],
                "thinking_summaries": "auto", "thinking_level": "low",
            },
        },
    ),
    "a structured reply": (
        {"user_message": "hi", "response_model": City},
        [user(words("hi"))],
        {
            "response_format": {
                "type": "text",
                "mime_type": "application/json",
                "schema": adapted_model_schema(City).schema,
            }
        },
    ),
    "a tool that must be called": (
        {"user_message": "hi", "tools": TOOLS, "tool_choice": "weather"},
        [user(words("hi"))],
        {
            "tools": SDK_TOOLS,
            "generation_config": {
                "tool_choice": {"allowed_tools": {"mode": "any", "tools": ["weather"]}}
            },
        },
    ),
    "a round of tools": (
        {
            "tools": TOOLS,
            "history": (
                Message.user("hi"),
                Message(
                    role=MessageRole.ASSISTANT,
                    content=(
                        ReasoningPart(text="hm", signature="c2ln", provider="google"),
                        TextPart(text="Well:"),
                        ToolCallPart(id="1", name="weather", arguments={"city": "Ulm"}),
                    ),
                ),
                Message.tool(
                    [ToolResultPart(tool_call_id="1", name="weather", content="x", is_error=True)]
                ),
            ),
        },
        [
            user(words("hi")),
            {"type": "thought", "signature": "c2ln", "summary": [words("hm")]},
            {"type": "model_output", "content": [words("Well:")]},
            {"type": "function_call", "id": "1", "name": "weather", "arguments": {"city": "Ulm"}},
            {
                "type": "function_result", "call_id": "1", "name": "weather", "result": "x",
                "is_error": True,
            },
        ],
        {"tools": SDK_TOOLS},
    ),
    "media": (
        {
            "user_message": "what?",
            "attachments": (RactoFile.from_bytes(b"bytes", "image/png", "it.png"),),
            "history": (
                Message(
                    role=MessageRole.USER, content=(DocumentPart(url="https://x.test/d.pdf"),)
                ),
                Message.assistant("I see."),
            ),
        },
        [
            user(
                {"type": "document", "uri": "https://x.test/d.pdf", "mime_type": "application/pdf"}
            ),
            {"type": "model_output", "content": [words("I see.")]},
            user({"type": "image", "data": DATA, "mime_type": "image/png"}, words("what?")),
        ],
        {},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[GeminiServer]:
    """One server for all tests here."""
    with GeminiServer() as server:
        yield server


@pytest.fixture(scope="module")
def both(server: GeminiServer) -> Iterator[tuple[GoogleDeveloperKit, genai.Client]]:
    """A kit and a client of the SDK: for all tests here, as the SDK is slow to make one."""
    url, key = server.url.removesuffix("/v1beta"), server.key
    kit = GoogleDeveloperKit(MODEL, base_url=url, api_key=key, api="interactions")
    sdk = genai.Client(http_options=types.HttpOptions(base_url=url), api_key=key)
    with kit, sdk:
        yield kit, sdk


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("case", CASES)
def test_the_same_interaction_is_asked_for(
    server: GeminiServer, both: tuple[GoogleDeveloperKit, genai.Client], case: str, stream: bool
) -> None:
    server.clear()
    server.default = Reply(text='{"name": "Ulm"}')
    kit, sdk = both
    ours, steps, theirs = CASES[case]
    settings = {"max_output_tokens": 4096, **theirs.get("generation_config", {})}
    options: dict[str, Any] = theirs | {"generation_config": settings, "store": False}
    if stream:
        list(kit.stream(ChatConfig(**ours)))
        list(sdk.interactions.create(model=MODEL, input=steps, stream=True, **options))
    else:
        kit.chat(ChatConfig(**ours))
        sdk.interactions.create(model=MODEL, input=steps, **options)
    first, second = server.requests
    assert (first.method, first.path, first.query) == (second.method, second.path, second.query)
    assert first.json == second.json
