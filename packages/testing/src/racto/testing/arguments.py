"""Arguments of tool calls, for protocols that carry them as objects."""

from __future__ import annotations

import json
from typing import Any

from .replies import ToolCall


def argument_object(call: ToolCall) -> dict[str, Any] | None:
    """The arguments of a call as an object; None when they are text that is none.

    Args:
        call: The call.
    """
    if not isinstance(call.arguments, str):
        return dict(call.arguments)
    try:
        read = json.loads(call.arguments or "{}")
    except ValueError:
        return None
    return read if isinstance(read, dict) else None
