"""``racto-mcp call``: one call of one tool, its arguments checked, its answer printed."""

from __future__ import annotations

import argparse
import difflib
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from racto.core import (
    PermissionDeniedError,
    RactoGatewayAuthError,
    RactoGatewayError,
    ToolSchema,
)
from racto.core.schemas import json_text
from racto.tools.mcp import MCPToolResult, RactoMCPClient

from .arguments import arguments_of
from .console import Console, one_line
from .exits import DONE, TOOL_FAILED, CommandError, in_options
from .notices import Notices
from .parts import save_parts, show_parts
from .sessions import in_session
from .shapes import result_data
from .targets import target_of


def perform(options: argparse.Namespace) -> int:
    """Call the tool."""
    target = target_of(options, least=1, wanted="the name of the tool")
    name, *words = target.words
    return in_session(target.config, options, lambda client: _call(client, name, words, options))


async def _call(
    client: RactoMCPClient, name: str, words: Sequence[str], options: argparse.Namespace
) -> int:
    tool = _found(await client.tools_by_name(), name)
    arguments = arguments_of(words, options.args, tool, is_checked=not options.no_check)
    begin = time.perf_counter()
    try:
        result = await client.call_tool(name, arguments, on_progress=_Progress(options))
    except (RactoGatewayAuthError, PermissionDeniedError):
        raise
    except RactoGatewayError as error:
        raise _failed(error) from error
    options.notices.clear()
    saved = save_parts(result.parts, options.save, tool.name)
    if options.json:
        data = result_data(name, result, seconds=time.perf_counter() - begin, saved=saved)
        _print_line({"type": "result", **data} if options.progress else data)
    else:
        _show(result, saved, options.notices)
    return TOOL_FAILED if result.is_error else DONE


def _found(tools: Mapping[str, ToolSchema], name: str) -> ToolSchema:
    # A name that no provider takes is known here by another; both will do.
    for remote, tool in tools.items():
        if name in (remote, tool.name):
            return tool
    close = difflib.get_close_matches(name, tools, n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else f"it has: {', '.join(tools)}"
    raise CommandError(f"the server has no tool {name!r}; {hint if tools else 'it has none'}")


class _Progress:
    """Shows how far the call is, to a person or as lines of JSON."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._notices: Notices = options.notices
        self._is_json = options.json and options.progress

    async def __call__(self, done: float, total: float | None, message: str) -> None:
        self._notices.progress(done, total, message)
        if self._is_json:
            _print_line({"type": "progress", "done": done, "total": total, "message": message})


def _show(result: MCPToolResult, saved: dict[int, Path], notices: Notices) -> None:
    if result.is_error:
        # Standard output stays empty, so that a script does not take this for a result.
        said = result.content or "it says no more than that"
        notices.tell(f"racto-mcp: the tool failed: {said.strip()}")
        return
    # Data alone would else be shown as nothing.
    if not result.parts and result.structured is not None:
        Console().raw(json_text(result.structured))
    show_parts(Console(), result.parts, saved)


def _failed(error: RactoGatewayError) -> CommandError:
    # Further lines are the last words of a server that died.
    first, *rest = in_options(error.message).splitlines()
    return CommandError(one_line(first), code=TOOL_FAILED, details=rest)


def _print_line(data: Mapping[str, Any]) -> None:
    # Each line at once: whoever reads them wants to know while the tool works.
    print(json.dumps(data, ensure_ascii=False), flush=True)  # noqa: T201
