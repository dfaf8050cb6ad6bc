"""The tools of a Responses request, and how one of them is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from racto.testing.fields import Given, Strict

from .hosted import HostedTool
from .settings import Plain, ToolName

_Callers: TypeAlias = list[Literal["direct", "programmatic"]] | None


class FunctionTool(Strict):
    """A function that the model may call."""

    type: Literal["function"]
    name: ToolName
    # Both are required by the client's types, and have defaults in the API.
    parameters: dict[str, Any] | None = None
    strict: bool | None = None
    description: str | None = None
    allowed_callers: _Callers = None
    defer_loading: Given[bool] = None
    output_schema: dict[str, Any] | None = None
    async_: Given[bool] = Field(default=None, alias="async")


class GrammarFormat(Strict):
    """Input that keeps a grammar."""

    type: Literal["grammar"]
    definition: str
    syntax: Literal["lark", "regex"]


class CustomTool(Strict):
    """A tool with an input of its own form."""

    type: Literal["custom"]
    name: ToolName
    description: Given[str] = None
    format: Given[Annotated[Plain | GrammarFormat, Field(discriminator="type")]] = None
    allowed_callers: _Callers = None
    defer_loading: Given[bool] = None
    async_: Given[bool] = Field(default=None, alias="async")


# A callable: the many hosted tools share one branch.
def _kind(tool: Any) -> str:
    kind = tool.get("type") if isinstance(tool, Mapping) else None
    return kind if kind in ("function", "custom") else "hosted"


Tool: TypeAlias = Annotated[
    Annotated[FunctionTool, Tag("function")]
    | Annotated[CustomTool, Tag("custom")]
    | Annotated[HostedTool, Tag("hosted")],
    Discriminator(_kind),
]


class AllowedTools(Strict):
    """One of these, or none where the mode allows it."""

    type: Literal["allowed_tools"]
    mode: Literal["auto", "required"]
    tools: list[dict[str, Any]]


class NamedTool(Strict):
    """This tool of one's own, and no other."""

    type: Literal["function", "custom"]
    name: str


class McpTool(Strict):
    """A tool of this server."""

    type: Literal["mcp"]
    server_label: str
    name: str | None = None


class HostedChoice(Strict):
    """This tool of OpenAI's, and no other."""

    type: Literal[
        "file_search",
        "web_search_preview",
        "web_search_preview_2025_03_11",
        "computer",
        "computer_use_preview",
        "computer_use",
        "image_generation",
        "code_interpreter",
        "programmatic_tool_calling",
        "apply_patch",
        "shell",
    ]


ToolChoice: TypeAlias = (
    Literal["none", "auto", "required"]
    | Annotated[AllowedTools | NamedTool | McpTool | HostedChoice, Field(discriminator="type")]
)
