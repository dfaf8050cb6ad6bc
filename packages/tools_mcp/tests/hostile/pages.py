"""Shows its tools over pages: a thousand on ten, or pages that never end.

Its argument says how: ``many``, ``same`` (the cursor stays), ``fresh`` (a new cursor each time),
``empty`` (empty pages, each with a cursor), ``number`` (a cursor that is no text).
"""

import itertools
import sys
from typing import Any

from wire import Message, serve, tool

kind = sys.argv[1]
count = itertools.count()


def page(message: Message) -> dict[str, Any]:
    at = int(((message.get("params") or {}).get("cursor") or "0").partition("-")[0])
    if kind == "many":
        shown = [tool(f"tool-{n:04d}") for n in range(at, at + 100)]
        return {"tools": shown} | ({"nextCursor": str(at + 100)} if at < 900 else {})
    turn = next(count)
    shown = [] if kind == "empty" else [tool(f"tool-{turn}")]
    cursor = {"same": "0-same", "number": 7}.get(kind, f"{turn}-fresh")
    return {"tools": shown, "nextCursor": cursor}


serve({}, methods={"tools/list": page})
