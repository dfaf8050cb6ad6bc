"""What a server says of itself and of what it offers beside tools: resources and prompts."""

from __future__ import annotations

from dataclasses import dataclass

import mcp_types as types


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerInfo:
    """Who a server is.

    Attributes:
        name: Its name; empty when it does not say.
        version: Its version.
        title: Its name for people.
        protocol: Version of the protocol that is spoken with it.
        instructions: How its tools are meant to be used, in its own words.
        capabilities: What it offers: ``tools``, ``resources``, ``prompts``, ``completions``,
            ``logging``, and ``resources.subscribe`` where changes of one resource are told.
    """

    name: str = ""
    version: str = ""
    title: str = ""
    protocol: str = ""
    instructions: str = ""
    capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class MCPResource:
    """Something that a server lets be read.

    Attributes:
        uri: Its address, to be read with.
        name: Its name, for programs.
        title: Its name, for people.
        description: What it holds.
        mime_type: Its kind, when it is known.
        size: Its size in bytes, when it is known.
    """

    uri: str
    name: str = ""
    title: str = ""
    description: str = ""
    mime_type: str | None = None
    size: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MCPResourceTemplate:
    """A family of resources: ``users://{id}/profile``.

    Attributes:
        uri_template: Their address with variables, as RFC 6570 writes them.
        name: Its name, for programs.
        title: Its name, for people.
        description: What they hold.
        mime_type: Their kind, when they share one.
    """

    uri_template: str
    name: str = ""
    title: str = ""
    description: str = ""
    mime_type: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MCPPromptArgument:
    """One argument of a prompt; its value is always a text.

    Attributes:
        name: Its name.
        description: What it means.
        required: Whether it must be given.
    """

    name: str
    description: str = ""
    required: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class MCPPrompt:
    """A prompt that a server has ready.

    Attributes:
        name: Its name, to be asked for with.
        title: Its name, for people.
        description: What it is good for.
        arguments: What can be filled in.
    """

    name: str
    title: str = ""
    description: str = ""
    arguments: tuple[MCPPromptArgument, ...] = ()


def resource_of(found: types.Resource) -> MCPResource:
    """Read a resource of the SDK."""
    return MCPResource(
        uri=found.uri,
        name=found.name,
        title=found.title or "",
        description=found.description or "",
        mime_type=found.mime_type,
        size=found.size,
    )


def template_of(found: types.ResourceTemplate) -> MCPResourceTemplate:
    """Read a resource template of the SDK."""
    return MCPResourceTemplate(
        uri_template=found.uri_template,
        name=found.name,
        title=found.title or "",
        description=found.description or "",
        mime_type=found.mime_type,
    )


def prompt_of(found: types.Prompt) -> MCPPrompt:
    """Read a prompt of the SDK."""
    return MCPPrompt(
        name=found.name,
        title=found.title or "",
        description=found.description or "",
        arguments=tuple(
            MCPPromptArgument(
                name=argument.name,
                description=argument.description or "",
                required=bool(argument.required),
            )
            for argument in found.arguments or ()
        ),
    )


def server_of(
    found: types.Implementation | None,
    said: types.ServerCapabilities,
    *,
    protocol: str,
    instructions: str | None,
) -> ServerInfo:
    """Read what a server said of itself when the session was opened."""
    named = ("tools", "resources", "prompts", "completions", "logging")
    able = {name for name in named if getattr(said, name) is not None}
    if said.resources is not None and said.resources.subscribe:
        able.add("resources.subscribe")
    return ServerInfo(
        name=found.name if found else "",
        version=found.version if found else "",
        title=(found.title if found else None) or "",
        protocol=protocol,
        instructions=instructions or "",
        capabilities=frozenset(able),
    )
