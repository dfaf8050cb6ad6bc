"""The tools that a request to Anthropic may define: the client's own, and the provider's by type."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Field

from racto.testing.fields import Given, Strict

from .beta import open_to_beta
from .blocks import CacheControl, Citations

Caller: TypeAlias = Literal[
    "direct", "code_execution_20250825", "code_execution_20260120", "code_execution_20260521"
]


class InputSchema(Strict):
    """The JSON Schema of a tool's arguments, which must be an object."""

    # Any keyword of JSON Schema will do, unless the tool is strict.
    model_config = ConfigDict(extra="allow")

    type: Literal["object"]
    properties: dict[str, Any] | None = None
    required: list[str] | None = None


class _Tool(Strict):
    allowed_callers: Given[list[Caller]] = None
    cache_control: CacheControl | None = None
    defer_loading: Given[bool] = None
    strict: Given[bool] = None


class CustomTool(_Tool):
    """A tool of the client's own."""

    type: Literal["custom"]
    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,128}$")]
    input_schema: InputSchema
    description: Given[str] = None
    eager_input_streaming: bool | None = None
    input_examples: Given[list[dict[str, Any]]] = None


# From here on the tools are the provider's own. A version of a tool is a type of its own, and has
# only the fields of its time.
class BashTool(_Tool):
    """A shell that the client runs."""

    type: Literal["bash_20250124"]
    name: Literal["bash"]
    input_examples: Given[list[dict[str, Any]]] = None


class MemoryTool(_Tool):
    """A memory that the client keeps."""

    type: Literal["memory_20250818"]
    name: Literal["memory"]
    input_examples: Given[list[dict[str, Any]]] = None


class OldTextEditorTool(_Tool):
    """A text editor that the client runs, in its first form."""

    type: Literal["text_editor_20250124"]
    name: Literal["str_replace_editor"]
    input_examples: Given[list[dict[str, Any]]] = None


class TextEditorTool(_Tool):
    """A text editor that the client runs."""

    type: Literal["text_editor_20250429"]
    name: Literal["str_replace_based_edit_tool"]
    input_examples: Given[list[dict[str, Any]]] = None


class LimitedTextEditorTool(_Tool):
    """A text editor that the client runs, and that shows no more than so many characters."""

    type: Literal["text_editor_20250728"]
    name: Literal["str_replace_based_edit_tool"]
    input_examples: Given[list[dict[str, Any]]] = None
    max_characters: Annotated[int, Field(ge=1)] | None = None


class CodeExecutionTool(_Tool):
    """Code that the provider runs."""

    type: Literal[
        "code_execution_20250522",
        "code_execution_20250825",
        "code_execution_20260120",
        "code_execution_20260521",
    ]
    name: Literal["code_execution"]


class UserLocation(Strict):
    """Where the user is, roughly."""

    type: Literal["approximate"]
    city: str | None = None
    country: str | None = None
    region: str | None = None
    timezone: str | None = None


class _WebTool(_Tool):
    allowed_domains: list[str] | None = None
    blocked_domains: list[str] | None = None
    max_uses: Annotated[int, Field(gt=0)] | None = None


class _WebSearch(_WebTool):
    name: Literal["web_search"]
    user_location: UserLocation | None = None


class WebSearchTool(_WebSearch):
    """A search of the web by the provider."""

    type: Literal["web_search_20250305", "web_search_20260209"]


class SparingWebSearchTool(_WebSearch):
    """A search of the web by the provider that may leave what it found out of the reply."""

    type: Literal["web_search_20260318"]
    response_inclusion: Given[Literal["full", "excluded"]] = None


class _WebFetch(_WebTool):
    name: Literal["web_fetch"]
    citations: Citations | None = None
    max_content_tokens: Annotated[int, Field(gt=0)] | None = None
    url_sources: dict[str, Any] | None = None


class WebFetchTool(_WebFetch):
    """Pages of the web that the provider fetches."""

    type: Literal["web_fetch_20250910", "web_fetch_20260209"]


class CachedWebFetchTool(_WebFetch):
    """Pages of the web that the provider fetches, or has."""

    type: Literal["web_fetch_20260309"]
    use_cache: Given[bool] = None


class SparingWebFetchTool(_WebFetch):
    """Pages of the web that the provider fetches or has, and may leave out of the reply."""

    type: Literal["web_fetch_20260318"]
    response_inclusion: Given[Literal["full", "excluded"]] = None
    use_cache: Given[bool] = None


class RegexToolSearch(_Tool):
    """A search for tools by pattern."""

    type: Literal["tool_search_tool_regex_20251119", "tool_search_tool_regex"]
    name: Literal["tool_search_tool_regex"]


class WordToolSearch(_Tool):
    """A search for tools by words."""

    type: Literal["tool_search_tool_bm25_20251119", "tool_search_tool_bm25"]
    name: Literal["tool_search_tool_bm25"]


class Toolset(Strict):
    """Several tools of the provider's own under one name."""

    type: Literal["browser_toolset_20260801", "computer_toolset_20260801"]
    cache_control: CacheControl | None = None
    configs: dict[str, Any] | None = None


def _typed(tool: object) -> object:
    # A tool that names no type is one of the client's own.
    if isinstance(tool, dict) and tool.get("type") is None:
        return {**tool, "type": "custom"}
    return tool


_Tools: TypeAlias = (
    CustomTool
    | BashTool
    | MemoryTool
    | OldTextEditorTool
    | TextEditorTool
    | LimitedTextEditorTool
    | CodeExecutionTool
    | WebSearchTool
    | SparingWebSearchTool
    | WebFetchTool
    | CachedWebFetchTool
    | SparingWebFetchTool
    | RegexToolSearch
    | WordToolSearch
    | Toolset
)
Tool: TypeAlias = Annotated[
    _Tools, Field(discriminator="type"), open_to_beta(_Tools), BeforeValidator(_typed)
]
"""A tool of either kind."""


class AutoChoice(Strict):
    """The model decides."""

    type: Literal["auto"]
    disable_parallel_tool_use: Given[bool] = None


class AnyChoice(Strict):
    """The model must use some tool."""

    type: Literal["any"]
    disable_parallel_tool_use: Given[bool] = None


class NamedChoice(Strict):
    """The model must use this tool."""

    type: Literal["tool"]
    name: str
    disable_parallel_tool_use: Given[bool] = None


class NoChoice(Strict):
    """The model must use no tool."""

    type: Literal["none"]


ToolChoice: TypeAlias = Annotated[
    AutoChoice | AnyChoice | NamedChoice | NoChoice, Field(discriminator="type")
]
"""How the model shall use the tools."""
