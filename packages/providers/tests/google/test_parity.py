"""What racto sends is what Google's own SDK sends for the same request, path and body alike."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
from google import genai
from google.auth.credentials import Credentials
from google.genai import types
from pydantic import BaseModel

from racto.core import ChatConfig, EmbeddingConfig, Message, MessageRole, RactoFile, ToolRegistry
from racto.core.content import (
    DocumentPart,
    ImagePart,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UploadedFilePart,
)
from racto.providers.google import GoogleDeveloperKit
from racto.providers.google.schemas import adapted_model_schema
from racto.testing import GeminiServer, Reply
from racto.testing.exchange import Incoming

MODEL = "gemini-3.8-flash"
PROOF = b"a proof"
SIGNED = base64.b64encode(PROOF).decode()


class City(BaseModel):
    name: str
    founded: int | None = None


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return city


TOOLS = ToolRegistry([weather])
SDK_TOOLS = [
    types.Tool(
        function_declarations=[
            types.FunctionDeclaration(
                name=schema.name,
                description=schema.description,
                parameters_json_schema=schema.to_json_schema(),
            )
            for schema in TOOLS
        ]
    )
]


def user(*parts: types.Part) -> types.Content:
    return types.Content(role="user", parts=list(parts))


def model(*parts: types.Part) -> types.Content:
    return types.Content(role="model", parts=list(parts))


def calling(mode: types.FunctionCallingConfigMode, *names: str) -> types.ToolConfig:
    config = types.FunctionCallingConfig(mode=mode, allowed_function_names=list(names) or None)
    return types.ToolConfig(function_calling_config=config)


Text = types.Part.from_text
MODES = types.FunctionCallingConfigMode

CASES: dict[str, tuple[dict[str, Any], Any, dict[str, Any]]] = {
    "words": ({"user_message": "hi"}, "hi", {}),
    "system text and sampling": (
        {
            "user_message": "hi", "system": "Be brief.", "temperature": 0.5, "top_p": 0.25,
            "top_k": 7, "seed": 3, "stop": ("a", "b"), "presence_penalty": 0.5,
            "frequency_penalty": -0.5, "logprobs": 2,
        },
        "hi",
        {
            "system_instruction": "Be brief.", "temperature": 0.5, "top_p": 0.25, "top_k": 7,
            "seed": 3, "stop_sequences": ["a", "b"], "presence_penalty": 0.5,
            "frequency_penalty": -0.5, "response_logprobs": True, "logprobs": 2,
        },
    ),
    "thinking by budget": (
        {"user_message": "hi", "native_thinking": True, "thinking_budget": 512},
        "hi",
        {"thinking_config": types.ThinkingConfig(include_thoughts=True, thinking_budget=512)},
    ),
    "thinking by effort": (
        {"user_message": "hi", "reasoning_effort": "low"},
        "hi",
        {"thinking_config": types.ThinkingConfig(thinking_level=types.ThinkingLevel.LOW)},
    ),
    "a structured reply": (
        {"user_message": "hi", "response_model": City},
        "hi",
        {
            "response_mime_type": "application/json",
            "response_json_schema": adapted_model_schema(City).schema,
        },
    ),
    "tools": ({"user_message": "hi", "tools": TOOLS}, "hi", {"tools": SDK_TOOLS}),
    "a tool that must be called": (
        {"user_message": "hi", "tools": TOOLS, "tool_choice": "weather"},
        "hi",
        {"tools": SDK_TOOLS, "tool_config": calling(MODES.ANY, "weather")},
    ),
    "tools that must not be called": (
        {"user_message": "hi", "tools": TOOLS, "tool_choice": "none"},
        "hi",
        {"tools": SDK_TOOLS, "tool_config": calling(MODES.NONE)},
    ),
    "a round of tools with proofs": (
        {
            "tools": TOOLS,
            "history": (
                Message.user("hi"),
                Message(
                    role=MessageRole.ASSISTANT,
                    content=(
                        ReasoningPart(text="hm", signature=SIGNED, provider="google"),
                        TextPart(text="Well:"),
                        ToolCallPart(
                            id="1", name="weather", arguments={"city": "Ulm"}, signature=SIGNED
                        ),
                        ToolCallPart(id="2", name="weather"),
                    ),
                ),
                Message.tool(
                    [
                        ToolResultPart(tool_call_id="1", name="weather", content="sunny"),
                        ToolResultPart(
                            tool_call_id="2", name="weather", content="no city", is_error=True
                        ),
                    ]
                ),
            ),
        },
        [
            user(Text(text="hi")),
            model(
                types.Part(text="hm", thought=True, thought_signature=PROOF),
                Text(text="Well:"),
                types.Part(
                    function_call=types.FunctionCall(id="1", name="weather", args={"city": "Ulm"}),
                    thought_signature=PROOF,
                ),
                types.Part(function_call=types.FunctionCall(id="2", name="weather", args={})),
            ),
            user(
                types.Part(
                    function_response=types.FunctionResponse(
                        id="1", name="weather", response={"output": "sunny"}
                    )
                ),
                types.Part(
                    function_response=types.FunctionResponse(
                        id="2", name="weather", response={"error": "no city"}
                    )
                ),
            ),
        ],
        {"tools": SDK_TOOLS},
    ),
    "media": (
        {
            "attachments": (RactoFile.from_bytes(b"bytes", "image/png", "it.png"),),
            "user_message": "what?",
            "history": (
                Message(
                    role=MessageRole.USER,
                    content=(
                        DocumentPart(url="https://x.test/d.pdf"),
                        ImagePart(data=b"bytes", mime_type="image/webp", detail="high"),
                        UploadedFilePart(
                            file_id="https://x.test/files/a", provider="google", mime_type="a/b"
                        ),
                    ),
                ),
                Message.assistant("I see."),
            ),
        },
        [
            user(
                types.Part.from_uri(file_uri="https://x.test/d.pdf", mime_type="application/pdf"),
                types.Part(
                    inline_data=types.Blob(data=b"bytes", mime_type="image/webp"),
                    media_resolution=types.PartMediaResolution(
                        level=types.PartMediaResolutionLevel.MEDIA_RESOLUTION_HIGH
                    ),
                ),
                types.Part.from_uri(file_uri="https://x.test/files/a", mime_type="a/b"),
            ),
            model(Text(text="I see.")),
            user(types.Part.from_bytes(data=b"bytes", mime_type="image/png"), Text(text="what?")),
        ],
        {},
    ),
    "fields of the caller's own": (
        {
            "user_message": "hi",
            "extra": {
                "safetySettings": [
                    {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}
                ],
                "tools": [{"googleSearch": {}}],
                "labels": {"team": "a"},
                "generationConfig": {"candidateCount": 2},
            },
        },
        "hi",
        {
            "safety_settings": [
                types.SafetySetting(
                    category=types.HarmCategory.HARM_CATEGORY_HARASSMENT,
                    threshold=types.HarmBlockThreshold.BLOCK_NONE,
                )
            ],
            "tools": [types.Tool(google_search=types.GoogleSearch())],
            "labels": {"team": "a"},
            "candidate_count": 2,
        },
    ),
}  # fmt: skip


class Fixed(Credentials):
    """Credentials whose token never changes."""

    def __init__(self, token: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.token = token

    def refresh(self, request: Any) -> None:
        raise AssertionError("a token that lasts was renewed")


@pytest.fixture(scope="module")
def whole_server() -> Iterator[GeminiServer]:
    """One server for all tests here."""
    with GeminiServer() as server:
        yield server


@pytest.fixture(scope="module", params=["gemini", "vertex", "express"])
def both(
    request: pytest.FixtureRequest, whole_server: GeminiServer
) -> Iterator[tuple[GoogleDeveloperKit, genai.Client]]:
    """A kit and a client of the SDK that call the same service as the same account.

    For all tests here: the SDK takes a fifth of a second to make a client.
    """
    # The SDK takes the host alone and adds a version; so does racto then.
    url = whole_server.url.removesuffix("/v1beta")
    key = whole_server.key or ""
    options: dict[str, dict[str, Any]] = {
        "gemini": {"api_key": key},
        "vertex": {"project": "p", "location": "europe-west4", "credentials": Fixed(key)},
        "express": {"api_key": key},
    }
    named = options[request.param] | {"vertexai": request.param != "gemini"}
    kit = GoogleDeveloperKit(MODEL, base_url=url, **named)
    with kit, genai.Client(http_options=types.HttpOptions(base_url=url), **named) as client:
        yield kit, client


@pytest.fixture
def server(whole_server: GeminiServer) -> GeminiServer:
    """The server, having forgotten what it was asked."""
    whole_server.clear()
    return whole_server


# What stands under these names is the caller's own, or a schema, in which names are names.
AS_IT_IS = {"parametersJsonSchema", "responseJsonSchema", "args", "response", "labels"}


def camel(value: Any) -> Any:
    """A body with all fields in the case of Google's reference; its SDK mixes two, and both count."""
    if isinstance(value, list):
        return [camel(each) for each in value]
    if not isinstance(value, dict):
        return value
    named = {re.sub(r"_(\w)", lambda found: found[1].upper(), name): name for name in value}
    return {
        new: value[name] if new in AS_IT_IS else camel(value[name]) for new, name in named.items()
    }


def sent(server: GeminiServer) -> tuple[Incoming, Incoming]:
    ours, theirs = server.requests
    assert (ours.method, ours.path, ours.query) == (theirs.method, theirs.path, theirs.query)
    for header in ("x-goog-api-key", "authorization", "content-type"):
        assert ours.headers.get(header) == theirs.headers.get(header)
    return ours, theirs


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_the_same_request_is_sent(
    server: GeminiServer,
    both: tuple[GoogleDeveloperKit, genai.Client],
    case: str,
    stream: bool,
) -> None:
    kit, client = both
    ours, contents, theirs = CASES[case]
    server.default = Reply(text='{"name": "Ulm"}')
    config = types.GenerateContentConfig(max_output_tokens=4096, **theirs)
    if stream:
        list(kit.stream(ChatConfig(**ours)))
        list(client.models.generate_content_stream(model=MODEL, contents=contents, config=config))
    else:
        kit.chat(ChatConfig(**ours))
        client.models.generate_content(model=MODEL, contents=contents, config=config)
    first, second = sent(server)
    assert camel(first.json) == camel(second.json)


def test_the_same_request_is_counted(
    server: GeminiServer, both: tuple[GoogleDeveloperKit, genai.Client]
) -> None:
    kit, client = both
    kit.count_input_tokens(ChatConfig(user_message="hi", system="Be brief.", tools=TOOLS))
    if not client.vertexai:
        # The SDK refuses to count anything but contents there.
        client.models.count_tokens(model=MODEL, contents="hi")
        first, second = sent(server)
        asked = first.json["generateContentRequest"]
        assert asked["contents"] == second.json["contents"]
        return
    config = types.CountTokensConfig(
        system_instruction="Be brief.",
        tools=SDK_TOOLS,
        generation_config=types.GenerationConfig(max_output_tokens=4096),
    )
    client.models.count_tokens(model=MODEL, contents="hi", config=config)
    first, second = sent(server)
    assert camel(first.json) == camel(second.json)


@pytest.mark.parametrize("name", ["gemini-embedding-001", "text-embedding-005"])
def test_the_same_texts_are_embedded(
    server: GeminiServer, both: tuple[GoogleDeveloperKit, genai.Client], name: str
) -> None:
    kit, client = both
    kit.embed(EmbeddingConfig(texts=["a", "b"], model=name, dimensions=8, input_type="document"))
    config = types.EmbedContentConfig(task_type="RETRIEVAL_DOCUMENT", output_dimensionality=8)
    client.models.embed_content(model=name, contents=["a", "b"], config=config)
    first, second = sent(server)
    assert camel(first.json) == camel(second.json)
