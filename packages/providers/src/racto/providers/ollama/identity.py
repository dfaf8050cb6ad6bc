"""Ids for tool calls of servers that give none: the answer to a call must carry one.

They are made of the reply alone, so that a reply read again has the same ids, and never sent:
the server does not know them.
"""

from __future__ import annotations

import re
from typing import Any

_MADE_HERE = re.compile(r"ollama_[0-9]*_[0-9]+")


def call_id(created_at: Any, number: int) -> str:
    """The id of a call.

    Args:
        created_at: The moment of the reply, as the server writes it; tells the turns of a
            conversation apart.
        number: Position of the call in the reply, from 0.
    """
    # To the nanosecond; some providers take no ids of more than 40 characters, nor other digits.
    moment = re.sub(r"[^0-9]", "", str(created_at or ""))[:23]
    return f"ollama_{moment}_{number}"


def is_made_here(id: str) -> bool:
    """Whether an id is one of :func:`call_id`, or none at all."""
    return not id or _MADE_HERE.fullmatch(id) is not None
