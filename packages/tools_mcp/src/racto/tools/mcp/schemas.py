"""Remote tools as racto's tool schemas, kept whole; one that is nonsense costs only itself."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Collection, Iterable

import mcp_types as types

from racto.core import SchemaError, ToolAnnotations, ToolSchema
from racto.core.tool_schemas import check_name

_log = logging.getLogger("racto.tools.mcp")

_LONGEST = 64
_UNFIT = re.compile(r"[^A-Za-z0-9_-]+")


def tool_schema(tool: types.Tool, *, name: str | None = None) -> ToolSchema:
    """The schema of a remote tool; its JSON Schemas are passed through untouched.

    Args:
        tool: The tool as the server listed it.
        name: Its name here, instead of its own.

    Raises:
        SchemaError: If its name, or the outermost part of its schema, cannot be used.
    """
    name = tool.name if name is None else name
    check_name(name)
    hints = tool.annotations
    try:
        return ToolSchema(
            name=name,
            description=tool.description or "",
            json_schema=tool.input_schema,
            output_schema=tool.output_schema,
            title=tool.title or (hints.title if hints else None) or "",
            annotations=annotations_of(hints),
        )
    # Reading its parameters for the flat list meets whatever the server wrote there.
    except (ValueError, TypeError, AttributeError) as error:
        raise SchemaError(f"tool {name!r} has an input schema that is none: {error}") from error


def tool_schemas(tools: Iterable[types.Tool], *, label: str) -> dict[str, ToolSchema]:
    """The schemas of a server's tools by their remote names, in its order.

    A tool that cannot be used is left out with a warning; of two with one name the first stays; a
    name that no tool may have here is made to fit.

    Args:
        tools: What the server listed.
        label: The server's label, for the log.
    """
    listed = list(tools)
    found: dict[str, ToolSchema] = {}
    # No name that is made to fit may take the place of one that is real.
    taken = {tool.name for tool in listed}
    for tool in listed:
        if tool.name in found:
            _log.warning("%s lists the tool %.80r twice; the first is kept", label, tool.name)
            continue
        try:
            found[tool.name] = _named(tool, taken)
        except SchemaError as error:
            _log.warning("%s: left out: %s", label, error)
            continue
        taken.add(found[tool.name].name)
    return found


def fitting(name: str, taken: Collection[str] = ()) -> str:
    """A name that every provider takes: letters, digits, ``_`` and ``-``, at most 64, not taken.

    Args:
        name: The name that is wanted; returned as it is when it fits.
        taken: Names that are in use.
    """
    fit = _UNFIT.sub("_", name).strip("_") or "tool"
    if len(fit) > _LONGEST or (fit != name and fit in taken):
        # A digest rather than a number: it does not change with the order of the tools.
        digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
        fit = f"{fit[: _LONGEST - 9]}_{digest}"
    return fit


def _named(tool: types.Tool, taken: Collection[str]) -> ToolSchema:
    try:
        return tool_schema(tool)
    except SchemaError:
        fit = fitting(tool.name, taken)
        if fit == tool.name:
            raise
        return tool_schema(tool, name=fit)


def annotations_of(hints: types.ToolAnnotations | None) -> ToolAnnotations | None:
    """What a remote tool's author says of its effects."""
    if hints is None:
        return None
    return ToolAnnotations(
        read_only=hints.read_only_hint,
        destructive=hints.destructive_hint,
        idempotent=hints.idempotent_hint,
        open_world=hints.open_world_hint,
    )
