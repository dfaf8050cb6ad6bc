"""A server in a process of its own that answers chat requests as fast as it can.

``started()`` runs it for as long as the caller lives and returns its base URL.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import subprocess
import sys

CHUNKS = 1000


def started() -> str:
    """Start the server and return its base URL."""
    running = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True)
    atexit.register(running.kill)
    assert running.stdout is not None
    return f"http://127.0.0.1:{running.stdout.readline().strip()}/v1"


def conversation(messages: int) -> list[dict[str, str]]:
    """A conversation of so many messages that ends with the user's."""
    roles = ("assistant", "user")
    return [
        {"role": roles[(messages - number) % 2], "content": f"{number}: " + "some words " * 20}
        for number in range(1, messages + 1)
    ]


def _completion() -> bytes:
    message = {"role": "assistant", "content": "Gladly."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
    body = json.dumps(
        {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice],
         "usage": usage}
    ).encode()  # fmt: skip
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return b"data: " + json.dumps(chunk | {"choices": [choice]}).encode() + b"\n\n"


def _stream() -> bytes:
    events = [_event({"content": "word "}) for _ in range(CHUNKS)]
    events += [_event({}, "stop"), b"data: [DONE]\n\n"]
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    return head + b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in events) + b"0\r\n\r\n"


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    whole, stream = _completion(), _stream()
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            writer.write(stream if b'"stream":true' in body.replace(b" ", b"") else whole)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _serve() -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
