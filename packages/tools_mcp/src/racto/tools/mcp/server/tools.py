"""The tools that a server offers: its own functions and shared registries, looked up at each request."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server

from racto.core import ToolAnnotations, ToolRegistry, ToolSchema
from racto.core.errors import ConfigurationError

from .limits import ServerLimits
from .outputs import OutputShape
from .pages import page_of

_log = logging.getLogger("racto.tools.mcp")


class OfferedTool(NamedTuple):
    """A tool as clients see it, and where it runs."""

    registry: ToolRegistry
    schema: ToolSchema
    function: Callable[..., Any]
    shape: OutputShape | None
    listed: types.Tool


class ToolShelf:
    """All tools of a server.

    A tool that is registered in a shared registry later is offered from then on. Where two
    registries come to hold the same name, the one that was added first wins.

    Args:
        injected: Types of parameters that the server fills in.
        limits: Of these, how many tools make a page.
    """

    def __init__(self, *, injected: Collection[type], limits: ServerLimits) -> None:
        self.own = ToolRegistry(injected=injected)
        self._registries: tuple[ToolRegistry, ...] = (self.own,)
        self._known: dict[str, OfferedTool] = {}
        self._page_size = limits.page_size

    def add(
        self,
        function: Callable[..., Any],
        *,
        name: str | None,
        description: str | None,
        annotations: ToolAnnotations | None,
    ) -> None:
        """Offer a function.

        Raises:
            ConfigurationError: If its name is taken, or it is a model that nothing runs.
            SchemaError: If a parameter cannot be expressed as JSON Schema.
        """
        # Tried elsewhere first, so that a refused tool leaves no trace.
        trial = ToolRegistry(injected=self.own.injected)
        trial.register(function, name=name, description=description)
        (schema,) = trial
        if trial.get_callable(schema.name) is None:
            raise ConfigurationError(f"{schema.name!r} is a model without a function to run")
        self._check([schema.name])
        self.own.register(function, name=name, description=description, annotations=annotations)

    def add_registry(self, registry: ToolRegistry) -> None:
        """Offer all tools of a registry that have something to run, now and later.

        Raises:
            ConfigurationError: If one of its names is taken.
        """
        if any(registry is each for each in self._registries):
            return
        self._check([name for name in registry.tools if registry.get_callable(name)])
        self._registries = (*self._registries, registry)

    def find(self, name: str) -> OfferedTool | None:
        """The tool of this name, or None."""
        for registry in self._registries:
            function, schema = registry.get_callable(name), registry.get_schema(name)
            if function is not None and schema is not None:
                return self._offered(registry, schema, function)
        return None

    def __iter__(self) -> Iterator[OfferedTool]:
        seen: set[str] = set()
        for registry in self._registries:
            for schema in registry:
                function = registry.get_callable(schema.name)
                if function is None:
                    continue
                if schema.name in seen:
                    _log.warning("two registries hold a tool %r; the first wins", schema.name)
                    continue
                seen.add(schema.name)
                yield self._offered(registry, schema, function)

    def install(self, server: Server[Any]) -> None:
        """Let a server list the tools."""
        server.add_request_handler("tools/list", types.PaginatedRequestParams, self._list)
        # The SDK asks at each HTTP call; without this it would list all tools to find one.
        server.get_tool_input_schema = self._input_schema

    async def _list(
        self, _request: ServerRequestContext[Any, Any], params: types.PaginatedRequestParams
    ) -> types.ListToolsResult:
        tools = [each.listed for each in self]
        page, cursor = page_of(
            tools, params.cursor, size=self._page_size, name=lambda tool: tool.name
        )
        return types.ListToolsResult(tools=page, next_cursor=cursor)

    def _input_schema(self, name: str) -> dict[str, Any] | None:
        found = self.find(name)
        return found.listed.input_schema if found is not None else None

    def _check(self, names: Collection[str]) -> None:
        taken = [name for name in names if self.find(name) is not None]
        if taken:
            raise ConfigurationError(
                f"this server offers {', '.join(map(repr, taken))} already; register the tool "
                "under another name="
            )

    def _offered(
        self, registry: ToolRegistry, schema: ToolSchema, function: Callable[..., Any]
    ) -> OfferedTool:
        # Schemas are replaced, never changed, so identity tells whether the old work still holds.
        known = self._known.get(schema.name)
        if known is not None and known.schema is schema and known.function is function:
            return known
        shape = (
            OutputShape(schema=schema.output_schema)
            if schema.output_schema is not None
            else OutputShape.of_function(function)
        )
        made = OfferedTool(registry, schema, function, shape, _listed(schema, shape))
        self._known[schema.name] = made
        return made


def _listed(schema: ToolSchema, shape: OutputShape | None) -> types.Tool:
    hints = schema.annotations
    return types.Tool(
        name=schema.name,
        title=schema.title or None,
        description=schema.description or None,
        # The oldest clients insist on the type at the root.
        input_schema={"type": "object", **schema.to_json_schema()},
        output_schema=shape.schema if shape is not None else None,
        annotations=types.ToolAnnotations(
            read_only_hint=hints.read_only,
            destructive_hint=hints.destructive,
            idempotent_hint=hints.idempotent,
            open_world_hint=hints.open_world,
        )
        if hints is not None
        else None,
    )
