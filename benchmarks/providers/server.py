"""A server in a process of its own that answers chat requests as fast as it can.

It speaks Chat Completions and Responses, without looking at what it is asked: what a client costs
is measured, and a server that checks requests would only stand in its way. ``started()`` runs it
for as long as the caller lives and returns its base URL.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import subprocess
import sys
import urllib.request

CHUNKS = 1000


def started() -> str:
    """Start the server and return its base URL."""
    running = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True)
    atexit.register(running.kill)
    assert running.stdout is not None
    return f"http://127.0.0.1:{running.stdout.readline().strip()}/v1"


def connections(url: str) -> int:
    """How many connections have brought requests for words to the server at ``url``."""
    with urllib.request.urlopen(url) as reply:
        return int(reply.read())


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
    return _whole(
        {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice],
         "usage": usage}
    )  # fmt: skip


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return b"data: " + json.dumps(chunk | {"choices": [choice]}).encode() + b"\n\n"


def _response(**more: object) -> dict[str, object]:
    text = {"type": "output_text", "text": "Gladly.", "annotations": [], "logprobs": []}
    said = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
    usage = {
        "input_tokens": 9, "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": 2, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 11,
    }  # fmt: skip
    return {
        "id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": "completed",
        "output": [said | {"content": [text]}], "usage": usage, "error": None,
        "incomplete_details": None, "instructions": None, "metadata": {}, "tools": [],
        "tool_choice": "auto", "parallel_tool_calls": True, "temperature": 1.0, "top_p": 1.0,
    } | more  # fmt: skip


def _whole(data: object) -> bytes:
    body = json.dumps(data).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def _chat_events() -> list[bytes]:
    events = [_event({"content": "word "}) for _ in range(CHUNKS)]
    return [*events, _event({}, "stop"), b"data: [DONE]\n\n"]


def _responses_events() -> list[bytes]:
    begun = _response(status="in_progress", output=[], usage=None)
    item = {"type": "message", "id": "msg_1", "role": "assistant", "content": []}
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    part = {"type": "output_text", "text": "", "annotations": []}
    told: list[dict[str, object]] = [
        {"type": "response.created", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": "response.content_part.added", **place, "part": part},
        *(
            {"type": "response.output_text.delta", **place, "delta": "word ", "logprobs": []}
            for _ in range(CHUNKS)
        ),
        {"type": "response.completed", "response": _response()},
    ]
    return [
        b"event: %b\ndata: %b\n\n"
        % (str(each["type"]).encode(), json.dumps(each | {"sequence_number": number}).encode())
        for number, each in enumerate(told)
    ]


def _streamed(events: list[bytes]) -> bytes:
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    return head + b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in events) + b"0\r\n\r\n"


WHOLE = {True: _whole(_response()), False: _completion()}
STREAMED = {True: _streamed(_responses_events()), False: _streamed(_chat_events())}
_used = 0


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    global _used
    is_new = True
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            line, _, fields = head.partition(b"\r\n")
            if line.startswith(b"GET"):
                writer.write(_whole(_used))
                continue
            _used, is_new = _used + is_new, False
            length = int(fields.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            answers = STREAMED if b'"stream":true' in body.replace(b" ", b"") else WHOLE
            writer.write(answers[b"/responses" in line])
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _serve() -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
