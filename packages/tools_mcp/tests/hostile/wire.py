"""Reads and writes JSON-RPC lines for the programs beside it, each of which does something wrong.

Nothing here knows the SDK: what a program sends is what it wrote. With HOSTILE_LOG naming a file,
every message that comes in is noted there, one JSON line each, beside the process that read it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

Message = dict[str, Any]
Handler = Callable[[Message], Any]

HANDSHAKE = "2025-11-25"
SILENCE = object()


def note(event: Message) -> None:
    """Append a line to the file that HOSTILE_LOG names."""
    place = os.environ.get("HOSTILE_LOG")
    if place:
        line = json.dumps({"pid": os.getpid()} | event).encode() + b"\n"
        # One write at the end of the file, so that lines of several processes do not mix.
        sink = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(sink, line)
        os.close(sink)


def messages() -> Iterator[Message]:
    """What the client sends, until it hangs up."""
    for line in sys.stdin.buffer:
        message = json.loads(line)
        note({"message": message})
        yield message


def write(data: bytes) -> None:
    """Put bytes on standard output as they are."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def send(message: Any) -> None:
    """Put one JSON value on a line."""
    write(json.dumps(message).encode() + b"\n")


def answer(message: Message, result: Any) -> None:
    """Answer a request well."""
    send({"jsonrpc": "2.0", "id": message["id"], "result": result})


def refuse(message: Message, error: Any) -> None:
    """Answer a request with an error object of any shape."""
    send({"jsonrpc": "2.0", "id": message["id"], "error": error})


def notify(method: str, params: Message) -> None:
    """Send a notification."""
    send({"jsonrpc": "2.0", "method": method, "params": params})


def text(words: str) -> Message:
    """A result of a tool that says something."""
    return {"content": [{"type": "text", "text": words}]}


def tool(name: str, **more: Any) -> Message:
    """A tool that takes anything."""
    return {"name": name, "inputSchema": {"type": "object"}} | more


def welcome(message: Message) -> Message:
    """A good answer to ``initialize``."""
    return {
        "protocolVersion": HANDSHAKE,
        "capabilities": {"tools": {"listChanged": True}, "resources": {}, "logging": {}},
        "serverInfo": {"name": "hostile", "version": "1"},
    }


def arguments(message: Message) -> Message:
    """The arguments of a call."""
    return dict(message["params"].get("arguments") or {})


def serve(
    calls: dict[str, Handler],
    *,
    tools: list[Message] | None = None,
    methods: dict[str, Handler] | None = None,
    around: Callable[[], None] = lambda: None,
) -> None:
    """Serve until the client hangs up.

    Args:
        calls: What each tool does with the message of a call: it returns a text, a whole result,
            or SILENCE to send nothing.
        tools: What ``tools/list`` shows; by default one plain tool for each of ``calls``.
        methods: What to do for a method instead of the usual; same returns, but for the text.
        around: Called before each answer.
    """
    calls = {"pid": lambda message: str(os.getpid())} | calls
    shown = [tool(name) for name in calls] if tools is None else tools

    def call(message: Message) -> Any:
        named = message["params"]["name"]
        made = calls[named](message) if named in calls else f"called {named}"
        return text(made) if isinstance(made, str) else made

    known: dict[str, Handler] = {
        "initialize": welcome,
        "ping": lambda message: {},
        "tools/list": lambda message: {"tools": shown},
        "tools/call": call,
    } | (methods or {})
    note({"started": sys.argv})
    for message in messages():
        method = message.get("method")
        if method not in known:
            if "id" in message and method is not None:
                refuse(message, {"code": -32601, "message": f"no method {method}"})
            continue
        around()
        made = known[method](message)
        if made is not SILENCE and "id" in message:
            answer(message, made)
