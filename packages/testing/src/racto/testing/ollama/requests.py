"""What Ollama's native API takes; as in Go, null is as good as nothing."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from racto.testing.fields import Strict


class Function(Strict):
    """A tool that the model asked for."""

    name: str
    arguments: dict[str, Any]
    index: int | None = None
    description: str | None = None


class ToolCall(Strict):
    """A call in the history."""

    function: Function
    id: str | None = None
    type: str | None = None


class Message(Strict):
    """One turn of the conversation."""

    role: str = ""
    content: str | None = None
    thinking: str | None = None
    images: list[str] | None = None
    tool_calls: list[ToolCall] | None = None
    tool_name: str | None = None
    tool_call_id: str | None = None


class ToolFunction(Strict):
    """A tool; its parameters may be any JSON Schema, of which the API reads a part."""

    name: str = ""
    description: str | None = None
    parameters: dict[str, Any] | None = None


class Tool(Strict):
    """A tool that may be called."""

    type: str | None = None
    items: Any = None
    function: ToolFunction


class ModelRequest(Strict):
    """A request that names a model, in the field of today or of old."""

    model: str = ""
    name: str = ""


class Generation(Strict):
    """What all requests for words may have."""

    model: str = ""
    stream: bool | None = None
    format: Any = None
    keep_alive: float | str | None = None
    options: dict[str, Any] | None = None
    think: bool | str | None = None
    truncate: bool | None = None
    shift: bool | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None


class ChatRequest(Generation):
    """``POST /api/chat``."""

    messages: list[Message] | None = None
    tools: list[Tool] | None = None


class GenerateRequest(Generation):
    """``POST /api/generate``."""

    prompt: str | None = None
    suffix: str | None = None
    system: str | None = None
    template: str | None = None
    context: list[int] | None = None
    raw: bool | None = None
    images: list[str] | None = None
    width: int | None = None
    height: int | None = None
    steps: int | None = None


class EmbedRequest(Strict):
    """``POST /api/embed``."""

    model: str = ""
    input: Any = None
    truncate: bool | None = None
    dimensions: int | None = None
    keep_alive: float | str | None = None
    options: dict[str, Any] | None = None


class OldEmbedRequest(Strict):
    """``POST /api/embeddings``, the older method for one text."""

    model: str = ""
    prompt: str | None = None
    keep_alive: float | str | None = None
    options: dict[str, Any] | None = None


class ShowRequest(ModelRequest):
    """``POST /api/show``."""

    system: str | None = None
    template: str | None = None
    verbose: bool | None = None
    options: dict[str, Any] | None = None


class PullRequest(ModelRequest):
    """``POST /api/pull``."""

    insecure: bool | None = None
    username: str | None = None
    password: str | None = Field(default=None, repr=False)
    stream: bool | None = None


class CopyRequest(Strict):
    """``POST /api/copy``."""

    source: str = ""
    destination: str = ""
