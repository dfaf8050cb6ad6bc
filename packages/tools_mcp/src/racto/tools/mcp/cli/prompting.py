"""``racto-mcp prompt``: a prompt of the server with its arguments filled in."""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Mapping

from racto.tools.mcp import MCPPrompt, RactoMCPClient
from racto.tools.mcp.contents import Part

from .arguments import texts_of
from .console import Console
from .exits import DONE, CommandError
from .parts import show_parts
from .sessions import in_session
from .shapes import parts_data
from .targets import target_of


def perform(options: argparse.Namespace) -> int:
    """Show the prompt."""
    target = target_of(options, least=1, wanted="the name of the prompt")
    name, *words = target.words
    arguments = texts_of(words)
    return in_session(
        target.config, options, lambda client: _prompt(client, name, arguments, options)
    )


async def _prompt(
    client: RactoMCPClient, name: str, arguments: Mapping[str, str], options: argparse.Namespace
) -> int:
    # Servers answer a missing argument with anything from a hint to a crash.
    _check(await client.list_prompts(), name, arguments)
    turns: list[tuple[str, tuple[Part, ...]]] = [
        (turn.role.value, turn.content)  # type: ignore[misc]
        for turn in await client.get_prompt(name, arguments)
    ]
    if options.json:
        messages = [{"role": role, "parts": parts_data(parts, {})} for role, parts in turns]
        data = {"prompt": name, "messages": messages}
        print(json.dumps(data, ensure_ascii=False))  # noqa: T201
        return DONE
    console = Console()
    for role, parts in turns:
        console.say(f"{role}:", style="faint")
        show_parts(console, parts, {})
    return DONE


def _check(prompts: list[MCPPrompt], name: str, arguments: Mapping[str, str]) -> None:
    names = [prompt.name for prompt in prompts]
    found = next((prompt for prompt in prompts if prompt.name == name), None)
    if found is None:
        close = difflib.get_close_matches(name, names, n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else f"it has: {', '.join(names)}"
        raise CommandError(f"the server has no prompt {name!r}; {hint if names else 'it has none'}")
    missing = [
        argument.name
        for argument in found.arguments
        if argument.required and argument.name not in arguments
    ]
    unknown = arguments.keys() - {argument.name for argument in found.arguments}
    problems = [f"- {key}: required, but missing" for key in missing]
    problems += [f"- {key}: no such argument" for key in sorted(unknown)]
    if problems:
        known = ", ".join(
            f"{argument.name}{'' if argument.required else '?'}" for argument in found.arguments
        )
        raise CommandError(
            f"the arguments do not fit the prompt {name!r}:",
            details=[*problems, f"it takes: {known or 'nothing'}"],
        )
