"""Each request that a client can make, on the loop of its session; the client's faces call these."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias, TypeVar

import mcp_types as types
from mcp import Client
from mcp_types.version import LATEST_MODERN_VERSION

from racto.core import BadRequestError, InvalidResponseError, Message, MessageRole, ToolSchema
from racto.core.conformity import problems
from racto.tools.mcp.catalogs import (
    MCPPrompt,
    MCPResource,
    MCPResourceTemplate,
    prompt_of,
    resource_of,
    template_of,
)
from racto.tools.mcp.contents import Part, parts_of, resource_parts
from racto.tools.mcp.interactions import LogLevel
from racto.tools.mcp.results import MCPToolResult
from racto.tools.mcp.schemas import tool_schemas

from .home import AsyncHome
from .older import AsyncOlderServer

T = TypeVar("T")

ProgressFn: TypeAlias = Callable[[float, float | None, str], Awaitable[None] | None]
"""Told how far a call is: done, of how much when that is known, and in words."""

# A server whose list never ends must not fill memory.
_MOST_PAGES = 1_000
_MOST_ITEMS = 100_000


class AsyncRequests(AsyncHome):
    """The requests of one connection, each made on its loop."""

    async def list_tools(self) -> dict[str, ToolSchema]:
        """The schemas of all tools by their remote names."""

        found = tool_schemas(await self.raw_tools(), label=self.label)
        self.standing.aliases = {
            schema.name: remote for remote, schema in found.items() if schema.name != remote
        }
        self.standing.outputs = {
            remote: schema.output_schema
            for remote, schema in found.items()
            if schema.output_schema is not None
        }
        return found

    async def raw_tools(self) -> list[types.Tool]:
        """All tools as the server lists them."""

        async def make(client: Client) -> list[types.Tool]:
            return await _pages(client.list_tools, "tools", self.label)

        return await self.call("listing its tools", make)

    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None,
        *,
        timeout: float | None = None,
        on_progress: ProgressFn | None = None,
    ) -> MCPToolResult:
        """Call a tool once: nobody knows whether it may run twice.

        The answer is checked against the output schema that the tool was listed with, except for
        patterns and formats: what a stranger's regular expression takes is time.
        """
        remote = self.standing.aliases.get(name, name)
        meta = self.log_meta()

        async def make(client: Client) -> types.CallToolResult:
            notes = self.progress(on_progress)
            result = await client.call_tool(
                remote,
                dict(arguments or {}),
                progress_callback=None if notes is None else notes.note,
                meta=meta,
            )
            if notes is not None:
                await notes.told()
            return result

        result = await self.call(
            f"calling tool {name!r}", make, timeout=timeout, is_repeatable=False
        )
        self._check(remote, result)
        return MCPToolResult.of(result)

    async def list_resources(self) -> list[MCPResource]:
        """All resources."""

        async def make(client: Client) -> list[types.Resource]:
            return await _pages(client.list_resources, "resources", self.label)

        return [resource_of(one) for one in await self.call("listing its resources", make)]

    async def list_resource_templates(self) -> list[MCPResourceTemplate]:
        """All families of resources."""

        async def make(client: Client) -> list[types.ResourceTemplate]:
            return await _pages(client.list_resource_templates, "resource_templates", self.label)

        return [template_of(one) for one in await self.call("listing its resource templates", make)]

    async def read_resource(self, uri: str) -> tuple[Part, ...]:
        """What a resource holds."""
        result = await self.call(f"reading {uri!r}", lambda client: client.read_resource(uri))
        return resource_parts(result.contents)

    async def list_prompts(self) -> list[MCPPrompt]:
        """All prompts."""

        async def make(client: Client) -> list[types.Prompt]:
            return await _pages(client.list_prompts, "prompts", self.label)

        return [prompt_of(one) for one in await self.call("listing its prompts", make)]

    async def get_prompt(self, name: str, arguments: Mapping[str, str] | None) -> list[Message]:
        """A prompt with its arguments filled in, as turns of a conversation."""
        filled = dict(arguments or {})
        result = await self.call(
            f"getting prompt {name!r}", lambda client: client.get_prompt(name, filled)
        )
        return [
            Message(role=MessageRole(turn.role), content=parts_of([turn.content]))
            for turn in result.messages
        ]

    async def complete(
        self,
        argument: str,
        value: str,
        *,
        prompt: str | None = None,
        template: str | None = None,
        context: Mapping[str, str] | None = None,
    ) -> list[str]:
        """Values that an argument of a prompt or a variable of a template may take."""
        if (prompt is None) == (template is None):
            raise BadRequestError("complete() takes either prompt= or template=")
        reference: types.PromptReference | types.ResourceTemplateReference
        if prompt is not None:
            reference = types.PromptReference(name=prompt)
        else:
            reference = types.ResourceTemplateReference(uri=str(template))
        asked = {"name": argument, "value": value}
        known = dict(context) if context else None
        result = await self.call(
            f"completing {argument!r}",
            lambda client: client.complete(reference, asked, known),
        )
        return list(result.completion.values)

    async def follow(self, uri: str, *, ends: bool = False) -> None:
        """Begin or end to be told when a resource changes; it survives reconnections."""

        async def make(client: Client) -> None:
            if self.is_handshake:
                older = AsyncOlderServer(client)
                await (older.unsubscribe(uri) if ends else older.subscribe(uri))

        subscriptions = self.standing.subscriptions
        (subscriptions.discard if ends else subscriptions.add)(uri)
        await self.call(f"following {uri!r}", make)
        await self.watch()

    async def set_log_level(self, level: LogLevel) -> None:
        """Ask for log messages from a level on; it survives reconnections."""
        self.standing.log_level = level

        async def make(client: Client) -> None:
            if self.is_handshake:
                await AsyncOlderServer(client).set_log_level(level)

        await self.call("setting its log level", make)

    async def roots_changed(self) -> None:
        """Tell a server of an older protocol that the roots are others now."""

        async def make(client: Client) -> None:
            if self.is_handshake:
                await AsyncOlderServer(client).roots_changed()

        await self.call("telling it of changed roots", make)

    async def ping(self) -> float:
        """Seconds that the smallest exchange takes."""

        async def make(client: Client) -> float:
            begin = time.perf_counter()
            if self.is_handshake:
                await client.session.send_ping()
            else:
                # Today's protocol has no ping; this is its smallest question.
                await client.session.send_discover(LATEST_MODERN_VERSION)
            return time.perf_counter() - begin

        return await self.call("pinging it", make)

    def _check(self, remote: str, result: types.CallToolResult) -> None:
        schema = self.standing.outputs.get(remote)
        if schema is None or result.is_error:
            return
        if (
            result.structured_content is None
            and "structured_content" not in result.model_fields_set
        ):
            found = ["there is no structured content"]
        else:
            found = problems(result.structured_content, schema, path="result")
        if found:
            raise InvalidResponseError(
                f"MCP server {self.label!r}: the answer of tool {remote!r} does not fit its output "
                f"schema: {'; '.join(found[:5])}",
                provider=self.label,
            )


async def _pages(fetch: Callable[..., Awaitable[Any]], name: str, label: str) -> list[Any]:
    """All pages of a list, in order.

    Raises:
        InvalidResponseError: If it never ends.
    """
    found: list[Any] = []
    cursor: str | None = None
    seen: set[str] = set()
    while True:
        page = await fetch(cursor=cursor)
        found += getattr(page, name)
        cursor = page.next_cursor
        # An empty cursor is how some servers say that there is none.
        if not cursor:
            return found
        if cursor in seen or len(seen) >= _MOST_PAGES or len(found) > _MOST_ITEMS:
            raise InvalidResponseError(
                f"MCP server {label!r} lists {name} without end: {len(found)} on "
                f"{len(seen) + 1} pages, and still more to come",
                provider=label,
            )
        seen.add(cursor)
