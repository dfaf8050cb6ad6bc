"""``racto-mcp list``: what a server offers, a few lines each."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from typing import Any

from racto.core import ToolAnnotations, ToolSchema
from racto.core.tool_schemas import ParamSchema
from racto.tools.mcp import MCPPrompt, MCPResource, MCPResourceTemplate, RactoMCPClient

from .console import Console, counted
from .exits import DONE
from .sessions import in_session
from .shapes import prompt_data, resource_data, server_data, template_data, tool_data
from .targets import target_of

KINDS = ("tools", "resources", "prompts")


def perform(options: argparse.Namespace) -> int:
    """List what the server offers."""
    target = target_of(options, most=0)
    return in_session(target.config, options, lambda client: _list(client, options))


async def _list(client: RactoMCPClient, options: argparse.Namespace) -> int:
    # What is asked for is shown even if the server has none, so that scripts find the field.
    wanted = [kind for kind in KINDS if options.all or getattr(options, kind)] or ["tools"]
    able = client.server.capabilities
    found = {kind: await _found(client, kind) if kind in able else {} for kind in wanted}
    if options.json:
        data = {"server": server_data(client.server)}
        for kind in wanted:
            data |= _data(kind, found[kind])
        print(json.dumps(data, ensure_ascii=False))  # noqa: T201
        return DONE
    console = Console()
    server = client.server
    console.fit(f"{server.name or client.config.label} {server.version}", style="strong")
    for kind in wanted:
        console.say()
        show = _SHOWN[kind]
        if kind in able:
            show(console, *found[kind].values())
        else:
            console.say(f"It offers no {kind}.")
    return DONE


async def _found(client: RactoMCPClient, kind: str) -> dict[str, list[Any]]:
    if kind == "tools":
        return {"tools": await client.list_tools()}
    if kind == "prompts":
        return {"prompts": await client.list_prompts()}
    return {
        "resources": await client.list_resources(),
        "resource_templates": await client.list_resource_templates(),
    }


def _data(kind: str, found: dict[str, list[Any]]) -> dict[str, Any]:
    empty: dict[str, list[Any]] = {kind: []}
    if kind == "resources":
        empty["resource_templates"] = []
    return {name: [_SHAPES[name](one) for one in found.get(name, ())] for name in (*empty,)}


def show_tools(console: Console, tools: Sequence[ToolSchema]) -> None:
    """Print tools: name and marks, what they do, what they take."""
    console.say(counted(len(tools), "tool"), style="faint")
    for tool in tools:
        console.fit(f"{tool.name}{marks(tool.annotations)}", style="strong")
        if tool.description:
            console.fit(tool.description, indent=4)
        line = parameters_line(tool)
        if line:
            console.wrap(line, indent=4, style="faint")


def marks(said: ToolAnnotations | None) -> str:
    """What a tool does to the world, in brackets, as its author says."""
    if said is None:
        return ""
    # Whether something that only reads may destroy is no question.
    words = ["read-only"] if said.read_only else ["destructive"] if said.destructive else []
    words += ["repeatable"] if said.idempotent and not said.read_only else []
    words += ["open world"] if said.open_world else []
    return f"  [{', '.join(words)}]" if words else ""


def parameters_line(tool: ToolSchema) -> str:
    """The parameters of a tool in one line: ``city: string, days?: integer = 3``."""
    return ", ".join(_parameter(param) for param in tool.parameters)


def _parameter(param: ParamSchema) -> str:
    kind = param.type
    if kind == "array" and isinstance((param.items or {}).get("type"), str):
        kind = f"{(param.items or {})['type']}[]"
    if param.enum:
        kind = "|".join(json.dumps(value, ensure_ascii=False) for value in param.enum)
    default = "" if param.default is None else f" = {json.dumps(param.default, ensure_ascii=False)}"
    return f"{param.name}{'' if param.required else '?'}: {kind}{default}"


def show_resources(
    console: Console,
    resources: Sequence[MCPResource],
    templates: Sequence[MCPResourceTemplate],
) -> None:
    """Print resources and templates: address, name, what they hold."""
    console.say(
        f"{counted(len(resources), 'resource')}, {counted(len(templates), 'template')}",
        style="faint",
    )
    both: list[MCPResource | MCPResourceTemplate] = [*resources, *templates]
    for one in both:
        # Cut short, an address is of no use; so it stands on a line of its own.
        address = one.uri if isinstance(one, MCPResource) else one.uri_template
        console.say(address, style="strong")
        named = one.title or one.name
        kind = f"({one.mime_type})" if one.mime_type else ""
        about = ": ".join(filter(None, (named, one.description)))
        # The kind first, as the end may be cut off.
        if line := " ".join(filter(None, (kind, about))):
            console.fit(line, indent=4)


def show_prompts(console: Console, prompts: Sequence[MCPPrompt]) -> None:
    """Print prompts: name, what they are for, what they take."""
    console.say(counted(len(prompts), "prompt"), style="faint")
    for prompt in prompts:
        console.fit(prompt.name, style="strong")
        if prompt.description:
            console.fit(prompt.description, indent=4)
        line = ", ".join(
            f"{argument.name}{'' if argument.required else '?'}" for argument in prompt.arguments
        )
        if line:
            console.wrap(line, indent=4, style="faint")


_SHOWN: dict[str, Callable[..., None]] = {
    "tools": show_tools,
    "resources": show_resources,
    "prompts": show_prompts,
}
_SHAPES: dict[str, Any] = {
    "tools": tool_data,
    "resources": resource_data,
    "resource_templates": template_data,
    "prompts": prompt_data,
}
