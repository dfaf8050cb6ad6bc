"""``racto-mcp inspect``: all that a server says of itself, and what is wrong with it."""

from __future__ import annotations

import argparse
import difflib
import json
import shlex
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import mcp_types as types

from racto.core.secrets import redact
from racto.tools.mcp import MCPClientConfig
from racto.tools.mcp.schemas import annotations_of

from .console import Console, counted, duration
from .exits import DONE, FINDINGS, CommandError
from .findings import Finding, findings_of, kinds
from .listing import marks, show_prompts, show_resources
from .sessions import in_session
from .shapes import prompt_data, resource_data, server_data, template_data
from .surveys import Survey, Surveyor
from .targets import target_of


def perform(options: argparse.Namespace) -> int:
    """Inspect the server."""
    target = target_of(options)
    if unknown := set(options.ignore) - kinds().keys():
        raise CommandError(
            f"there is no kind of finding {unknown.pop()!r}; there are: {', '.join(kinds())}"
        )
    # Before the server is started: a slow start is what people look for.
    begin = time.perf_counter()

    async def work(client: Surveyor) -> int:
        opened = time.perf_counter() - begin
        survey = await client()
        found = [one for one in findings_of(survey) if one.kind not in options.ignore]
        report = _print_json if options.json else _print
        report(survey, found, client.config, opened, _chosen(survey, target.words))
        return FINDINGS if options.strict and found else DONE

    return in_session(target.config, options, work, kind=Surveyor)


def _chosen(survey: Survey, names: Sequence[str]) -> list[types.Tool]:
    known = [tool.name for tool in survey.tools]
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=3)
            hint = f"did you mean {' or '.join(close)}?" if close else f"it has: {', '.join(known)}"
            raise CommandError(f"the server has no tool {name!r}; {hint}")
    return [tool for tool in survey.tools if not names or tool.name in names]


def _print(
    survey: Survey,
    found: Sequence[Finding],
    config: MCPClientConfig,
    opened: float,
    tools: Sequence[types.Tool],
) -> None:
    console = Console()
    _show_server(console, survey, config, opened)
    console.say()
    console.say(counted(len(tools), "tool"), style="faint")
    for tool in tools:
        _show_tool(console, tool)
    # Whoever asks for some tools does not want the rest of the list.
    if len(tools) == len(survey.tools):
        console.say()
        show_resources(console, survey.resources, survey.resource_templates)
        console.say()
        show_prompts(console, survey.prompts)
    console.say()
    # Last, where a terminal stands when the lists have run through.
    _show_findings(console, found)


def _show_server(console: Console, survey: Survey, config: MCPClientConfig, opened: float) -> None:
    server = survey.server
    console.fit(f"{server.name or config.label} {server.version}", style="strong")
    facts = {
        "title": server.title,
        "target": _place(config),
        "transport": config.transport,
        "protocol": server.protocol,
        "offers": ", ".join(sorted(server.capabilities)) or "nothing",
        "opened in": duration(opened),
        "round trip": duration(survey.round_trip),
        "instructions": server.instructions,
    }
    for name, value in facts.items():
        if value:
            console.wrap(value, indent=2, lead=f"{name:<13}")


def _show_tool(console: Console, tool: types.Tool) -> None:
    console.fit(f"{tool.name}{marks(annotations_of(tool.annotations))}", style="strong")
    if tool.title:
        console.fit(tool.title, indent=4)
    for line in (tool.description or "").strip().splitlines():
        console.wrap(line, indent=4)
    for name, schema in (("takes", tool.input_schema), ("returns", tool.output_schema)):
        if schema is not None:
            # The schema whole: what a model is shown is what is in question here.
            text = json.dumps(schema, indent=2, ensure_ascii=False)
            console.say(f"{name} {text}", indent=4, style="faint")


def _show_findings(console: Console, found: Sequence[Finding]) -> None:
    if not found:
        console.say("No findings.", style="strong")
        return
    console.say(counted(len(found), "finding"), style="strong")
    for one in found:
        subject = f"{one.subject}: " if one.subject else ""
        console.wrap(f"{subject}{one.message}", indent=2, lead=f"{one.kind:<17} ", style="bad")


def _print_json(
    survey: Survey,
    found: Sequence[Finding],
    config: MCPClientConfig,
    opened: float,
    tools: Sequence[types.Tool],
) -> None:
    data: dict[str, Any] = {
        "server": server_data(survey.server),
        "target": _place(config),
        "transport": config.transport,
        "seconds": {"open": round(opened, 6), "round_trip": round(survey.round_trip, 6)},
        "tools": [_tool_data(tool) for tool in tools],
        "resources": [resource_data(one) for one in survey.resources],
        "resource_templates": [template_data(one) for one in survey.resource_templates],
        "prompts": [prompt_data(one) for one in survey.prompts],
        "findings": [asdict(one) for one in found],
    }
    print(json.dumps(data, ensure_ascii=False))  # noqa: T201


def _tool_data(tool: types.Tool) -> dict[str, Any]:
    """A tool as ``shapes.tool_data`` has it, also where it is unfit to be a ToolSchema."""
    said = annotations_of(tool.annotations)
    return {
        "name": tool.name,
        "title": tool.title or "",
        "description": tool.description or "",
        "annotations": said.model_dump() if said else None,
        "input_schema": tool.input_schema,
        "output_schema": tool.output_schema,
    }


def _place(config: MCPClientConfig) -> str:
    return redact(config.url or shlex.join([config.command or "", *config.args]))
