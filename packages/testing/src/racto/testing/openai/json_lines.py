"""Files with a JSON value on each line, as clients upload them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


def json_lines(content: bytes) -> Sequence[tuple[int, Any]]:
    """Read a file of JSON lines.

    Args:
        content: The file.

    Returns:
        The number and the value of each line that is not blank; None for one that is no JSON.
    """
    # Not splitlines, which also knows line ends that JSON may hold inside a string.
    lines = enumerate(content.split(b"\n"), 1)
    return [(number, _loaded(line)) for number, line in lines if line.strip()]


def _loaded(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
