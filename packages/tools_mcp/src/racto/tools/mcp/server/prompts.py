"""The prompts that a server offers: functions that return messages, described by their signatures."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import mcp_types as types
from mcp import MCPError
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server

from racto.core import (
    AudioPart,
    DocumentPart,
    ImagePart,
    LinkPart,
    Message,
    MessageRole,
    RactoFile,
    TextPart,
)
from racto.core.errors import (
    ConfigurationError,
    RactoGatewayError,
    ToolArgumentsError,
    ToolExecutionError,
)
from racto.tools.mcp.contents import blocks_of

from .functions import OfferedFunction
from .limits import ServerLimits
from .pages import page_of

_log = logging.getLogger("racto.tools.mcp")
_PARTS = (TextPart, ImagePart, AudioPart, DocumentPart, LinkPart, RactoFile)
_ROLES: dict[MessageRole, Literal["user", "assistant"]] = {
    MessageRole.USER: "user",
    MessageRole.ASSISTANT: "assistant",
}


@dataclass(frozen=True, kw_only=True)
class OfferedPrompt:
    """One prompt.

    Attributes:
        function: Makes its messages.
        listed: The prompt as clients see it.
    """

    function: OfferedFunction
    listed: types.Prompt


class PromptShelf:
    """All prompts of a server.

    Args:
        context: Objects for parameters that the server fills in.
        limits: Times and pages.
    """

    def __init__(self, *, context: Sequence[Any], limits: ServerLimits) -> None:
        self._context = context
        self._limits = limits
        self._offered: dict[str, OfferedPrompt] = {}

    def add(
        self, function: Callable[..., Any], *, name: str | None, description: str | None
    ) -> None:
        """Offer a prompt.

        Raises:
            ConfigurationError: If the name is taken.
            SchemaError: If a parameter cannot be expressed as JSON Schema.
        """
        name = name or getattr(function, "__name__", "")
        if not name or name in self._offered:
            raise ConfigurationError(
                f"a prompt {name!r} is offered already" if name else "the prompt needs a name="
            )
        offered = OfferedFunction(
            function, label=f"prompt {name!r}", context=self._context, limits=self._limits
        )
        schema = offered.schema
        arguments = [
            types.PromptArgument(
                name=key,
                description=about.get("description"),
                required=key in schema.get("required", ()),
            )
            for key, about in schema["properties"].items()
        ]
        about = description or offered.summary or None
        listed = types.Prompt(name=name, description=about, arguments=arguments)
        self._offered[name] = OfferedPrompt(function=offered, listed=listed)

    def install(self, server: Server[Any]) -> None:
        """Let a server list the prompts and make their messages."""
        server.add_request_handler("prompts/list", types.PaginatedRequestParams, self._list)
        server.add_request_handler("prompts/get", types.GetPromptRequestParams, self._get)

    async def _list(
        self, _request: ServerRequestContext[Any, Any], params: types.PaginatedRequestParams
    ) -> types.ListPromptsResult:
        prompts = [each.listed for each in self._offered.values()]
        page, cursor = page_of(
            prompts, params.cursor, size=self._limits.page_size, name=lambda prompt: prompt.name
        )
        return types.ListPromptsResult(prompts=page, next_cursor=cursor)

    async def _get(
        self, request: ServerRequestContext[Any, Any], params: types.GetPromptRequestParams
    ) -> types.GetPromptResult:
        offered = self._offered.get(params.name)
        if offered is None:
            raise MCPError(types.INVALID_PARAMS, f"there is no prompt {params.name!r}")
        try:
            answer = await offered.function(request, params.arguments or {})
            messages = _messages(params.name, answer)
        except ToolArgumentsError as error:
            raise MCPError(types.INVALID_PARAMS, error.message) from error
        except RactoGatewayError as error:
            _log.error("prompt %r failed", params.name, exc_info=error)
            raise MCPError(types.INTERNAL_ERROR, error.message) from error
        return types.GetPromptResult(description=offered.listed.description, messages=messages)


def _messages(name: str, answer: Any) -> list[types.PromptMessage]:
    items = answer if isinstance(answer, (list, tuple)) else [answer]
    return [message for item in items for message in _spoken(name, item)]


def _spoken(name: str, item: Any) -> list[types.PromptMessage]:
    """The messages of one item: the protocol has one block to a message."""
    # The protocol knows no system role, and a user's would give such words less weight.
    role: Literal["user", "assistant"] | None = "user"
    parts: Any = [TextPart(text=item)] if isinstance(item, str) else [item]
    if isinstance(item, Message):
        role, parts = _ROLES.get(item.role), item.parts
    if role is None or not all(isinstance(part, _PARTS) for part in parts):
        raise ToolExecutionError(
            f"prompt {name!r} returned {type(item).__name__}, which no prompt can hold; return "
            "text, user and assistant messages, or content parts, or a list of them"
        )
    return [types.PromptMessage(role=role, content=block) for block in blocks_of(parts)]
