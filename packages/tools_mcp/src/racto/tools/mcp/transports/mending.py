"""Lists of tools with nonsense in them: the nonsense is taken out, and the other tools stay.

The SDK refuses a whole list for one entry that breaks the protocol.
"""

from __future__ import annotations

import logging
from typing import Any, TypeAlias, TypeVar

import mcp_types as types
from mcp.shared.message import SessionMessage
from pydantic import ValidationError

Item: TypeAlias = SessionMessage | Exception
"""What a transport delivers: a message, or an exception for one that is malformed."""

AnyItem = TypeVar("AnyItem", bound=Item)

_log = logging.getLogger("racto.tools.mcp")


def mended(item: AnyItem, label: str) -> AnyItem:
    """The item itself; a list of tools in it loses the entries that are none.

    Args:
        item: What came from the server.
        label: The server's label, for the log.
    """
    if isinstance(item, SessionMessage) and isinstance(item.message, types.JSONRPCResponse):
        result = item.message.result
        if isinstance(result.get("tools"), list):
            # Results of today's protocol bear this mark, and it allows any output schema.
            is_older = "resultType" not in result
            kept = [_sound(tool, label, is_older=is_older) for tool in result["tools"]]
            result["tools"] = [tool for tool in kept if tool is not None]
    return item


def _sound(tool: Any, label: str, *, is_older: bool) -> Any:
    """A tool that the protocol allows, or None."""
    named = tool.get("name") if isinstance(tool, dict) else tool
    try:
        found = types.Tool.model_validate(tool, by_name=False)
        _check_object(found.input_schema)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        _log.warning("%s: tool %.80r is left out: %s: %s", label, named, where, first["msg"])
        return None
    except ValueError as error:
        _log.warning("%s: tool %.80r is left out: %s", label, named, error)
        return None
    # It is what the protocol says anyway, and the SDK insists on it.
    tool["inputSchema"].setdefault("type", "object")
    if is_older and isinstance(tool.get("outputSchema"), dict):
        try:
            tool["outputSchema"].setdefault("type", "object")
            _check_object(tool["outputSchema"])
        except ValueError as error:
            _log.warning("%s: the output schema of %.80r is left out: %s", label, named, error)
            del tool["outputSchema"]
    return tool


def _check_object(schema: dict[str, Any]) -> None:
    if schema.get("type", "object") != "object":
        raise ValueError(f"it must be an object, not {schema['type']!r}")
    properties = {} if schema.get("properties") is None else schema["properties"]
    if not isinstance(properties, dict) or not all(
        isinstance(inner, (dict, bool)) for inner in properties.values()
    ):
        raise ValueError("the properties of its input are no schemas")
    required = [] if schema.get("required") is None else schema["required"]
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        raise ValueError("what its input requires are no names")
