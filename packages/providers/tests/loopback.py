"""A loopback server that speaks OpenAI's Chat Completions and embeddings, and checks requests.

It answers from a script, counts connections, keeps what it was asked, and refuses with 400 what
the real API refuses: unknown fields, ill-typed ones, tool answers without their call.
"""

from __future__ import annotations

import base64
import json
import socket
import struct
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "the-key-of-the-tests"

_NUMBER, _WHOLE, _FLAG, _TEXT = (int, float), (int,), (bool,), (str,)
_FIELDS: dict[str, tuple[type, ...]] = {
    "model": _TEXT, "messages": (list,), "max_completion_tokens": _WHOLE, "max_tokens": _WHOLE,
    "temperature": _NUMBER, "top_p": _NUMBER, "seed": _WHOLE, "stop": (list, str),
    "presence_penalty": _NUMBER, "frequency_penalty": _NUMBER, "reasoning_effort": _TEXT,
    "logprobs": _FLAG, "top_logprobs": _WHOLE, "stream": _FLAG, "stream_options": (dict,),
    "tools": (list,), "tool_choice": (str, dict), "parallel_tool_calls": _FLAG,
    "response_format": (dict,), "prompt_cache_retention": _TEXT, "prompt_cache_key": _TEXT,
    "user": _TEXT, "store": _FLAG, "metadata": (dict,), "service_tier": _TEXT, "top_k": _WHOLE,
    "verbosity": _TEXT,
}  # fmt: skip
_EMBEDDING_FIELDS: dict[str, tuple[type, ...]] = {
    "model": _TEXT, "input": (list, str), "dimensions": _WHOLE, "encoding_format": _TEXT,
    "user": _TEXT,
}  # fmt: skip
_BLOCKS = {
    "text": {"text"},
    "image_url": {"image_url"},
    "input_audio": {"input_audio"},
    "file": {"file"},
}


@dataclass
class Reply:
    """One scripted answer."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    events: Sequence[Any] | None = None
    cut: bool = False
    reset: bool = False
    done: bool = True
    delay: float = 0.0
    trickle: float = 0.0


class Loopback:
    """The server; answers with ``script`` first, then by ``rule``."""

    def __init__(self) -> None:
        self.script: deque[Reply] = deque()
        self.rule: Callable[[dict[str, Any]], Reply] = lambda _body: self.says("ok")
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.connections = 0
        self.open_connections = 0
        self.lock = threading.Lock()
        outer = self

        class Handler(_Handler):
            loopback = outer

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add(self, *replies: Reply) -> None:
        self.script.extend(replies)

    def wait_until(self, met: Callable[[], bool], seconds: float = 10.0) -> bool:
        until = time.monotonic() + seconds
        while not met() and time.monotonic() < until:
            time.sleep(0.01)
        return met()

    @property
    def last(self) -> dict[str, Any]:
        return self.requests[-1]

    # -- replies ---------------------------------------------------------------------------

    @staticmethod
    def says(
        text: str | None,
        *,
        calls: Sequence[Any] = (),
        finish: str | None = None,
        usage: dict[str, Any] | None = None,
        **message: Any,
    ) -> Reply:
        said: dict[str, Any] = {"role": "assistant", "content": text, **message}
        if calls:
            said["tool_calls"] = [Loopback.call(*call) for call in calls]
        choice = {
            "index": 0,
            "message": said,
            "finish_reason": finish or ("tool_calls" if calls else "stop"),
        }
        return Reply(_completion([choice], usage=usage or _usage(10, 5)))

    @staticmethod
    def call(call_id: str | None, name: str, arguments: Any) -> dict[str, Any]:
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        made = {"id": call_id, "type": "function", "function": {"name": name, "arguments": text}}
        return {key: value for key, value in made.items() if value is not None}

    @staticmethod
    def fails(
        status: int,
        message: str = "it failed",
        *,
        code: str | None = None,
        kind: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        error = {"message": message, "type": kind, "code": code, "param": None}
        return Reply({"error": error}, status=status, headers=headers or {})

    @staticmethod
    def streams(
        pieces: Sequence[Any],
        *,
        finish: str | None = "stop",
        usage: dict[str, Any] | None = None,
        **options: Any,
    ) -> Reply:
        """A stream of deltas: strings are text, dictionaries are whole deltas."""
        events: list[Any] = [_chunk({"role": "assistant", "content": ""})]
        deltas = ({"content": piece} if isinstance(piece, str) else piece for piece in pieces)
        events.extend(_chunk(delta) for delta in deltas)
        if finish is not None:
            events.append(_chunk({}, finish=finish))
        if usage is not None:
            events.append(_completion([], usage=usage, kind="chat.completion.chunk"))
        return Reply(events=events, **options)

    @staticmethod
    def chunk(delta: dict[str, Any], **more: Any) -> dict[str, Any]:
        return _chunk(delta, **more)

    @staticmethod
    def usage(prompt: int, output: int, **details: Any) -> dict[str, Any]:
        return _usage(prompt, output, **details)

    @staticmethod
    def reply(*args: Any, **options: Any) -> Reply:
        return Reply(*args, **options)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    loopback: Loopback
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        with self.loopback.lock:
            self.loopback.connections += 1
            self.loopback.open_connections += 1

    def finish(self) -> None:
        with self.loopback.lock:
            self.loopback.open_connections -= 1
        super().finish()

    def log_message(self, *_args: Any) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.loopback.lock:
            self.loopback.requests.append(body)
            self.loopback.headers.append({key.lower(): text for key, text in self.headers.items()})
        is_chat = self.path == "/v1/chat/completions"
        fault = _fault_of_chat(body) if is_chat else _fault_of_embedding(body)
        if fault:
            reply = Loopback.fails(400, fault, kind="invalid_request_error")
        else:
            with self.loopback.lock:
                scripted = self.loopback.script.popleft() if self.loopback.script else None
            reply = scripted or (self.loopback.rule(body) if is_chat else _embeds(body))
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        if reply.delay:
            time.sleep(reply.delay)
        if reply.reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(reply.status)
        self.send_header("x-request-id", f"req_{len(self.loopback.requests)}")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.events is not None:
            self._stream(reply)
            return
        data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        if "content-type" not in {name.lower() for name in reply.headers}:
            self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self._trickle(data, reply.trickle) if reply.trickle else self.wfile.write(data)

    def _trickle(self, data: bytes, pause: float) -> None:
        for byte in data:
            self.wfile.write(bytes([byte]))
            time.sleep(pause)

    def _stream(self, reply: Reply) -> None:
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in reply.events or ():
            text = event if isinstance(event, str) else json.dumps(event)
            self._chunk(f"data: {text}\n\n".encode())
            time.sleep(reply.trickle)
        if reply.cut:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        if reply.done:
            self._chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def _completion(
    choices: list[Any], *, usage: dict[str, Any] | None = None, kind: str = "chat.completion"
) -> dict[str, Any]:
    made = {"id": "cmpl_1", "object": kind, "created": 1, "model": "the-model", "choices": choices}
    return made | ({"usage": usage} if usage else {})


def _chunk(delta: dict[str, Any], *, finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, **more}
    return _completion([choice], kind="chat.completion.chunk")


def _usage(prompt: int, output: int, **details: Any) -> dict[str, Any]:
    counted = {"prompt_tokens": prompt, "completion_tokens": output}
    return counted | {"total_tokens": prompt + output} | details


def _embeds(body: dict[str, Any]) -> Reply:
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    size = body.get("dimensions", 4)
    # The first value is the length, the others a fingerprint of the text.
    rows = [
        [
            float(len(text)),
            *(float(zlib.crc32(f"{n}{text}".encode()) % 97) for n in range(size - 1)),
        ]
        for text in texts
    ]
    if body.get("encoding_format") == "base64":
        made: list[Any] = [
            base64.b64encode(struct.pack(f"<{size}f", *row)).decode() for row in rows
        ]
    else:
        made = rows
    data = [{"object": "embedding", "index": n, "embedding": row} for n, row in enumerate(made)]
    usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    # Reversed: the index counts, not the order.
    return Reply({"object": "list", "data": data[::-1], "model": body["model"], "usage": usage})


def _fault_of_embedding(body: dict[str, Any]) -> str | None:
    fault = _ill_typed(body, _EMBEDDING_FIELDS)
    if fault or "model" not in body or not body.get("input"):
        return fault or "model and input are required"
    return "input holds an empty text" if "" in body["input"] else None


def _fault_of_chat(body: dict[str, Any]) -> str | None:
    fault = _ill_typed(body, _FIELDS)
    if fault:
        return fault
    if not body.get("messages") or not body.get("model"):
        return "model and messages are required"
    if "stream_options" in body and not body.get("stream"):
        return "stream_options needs stream"
    if "tool_choice" in body and not body.get("tools"):
        return "tool_choice needs tools"
    if "parallel_tool_calls" in body and not body.get("tools"):
        return "parallel_tool_calls needs tools"
    described = body.get("response_format", {}).get("json_schema", {})
    if described.get("strict"):
        fault = _fault_of_strict(described["schema"], "$")
    return fault or _fault_of_messages(body["messages"])


def _ill_typed(body: dict[str, Any], fields: dict[str, tuple[type, ...]]) -> str | None:
    for name, value in body.items():
        if name not in fields:
            return f"Unrecognized request argument supplied: {name}"
        if not isinstance(value, fields[name]) or (fields[name] == _WHOLE and value is True):
            return f"Invalid type for {name!r}"
    return None


def _fault_of_messages(messages: list[Any]) -> str | None:
    waiting: set[str] = set()
    for number, message in enumerate(messages):
        role = message.get("role")
        if role == "tool":
            if message.get("tool_call_id") not in waiting:
                return f"messages[{number}]: a tool answer without its tool call"
            waiting.discard(message["tool_call_id"])
            if not isinstance(message.get("content"), str):
                return f"messages[{number}]: a tool answers with text"
            continue
        if waiting:
            return f"messages[{number}]: tool calls {waiting} were not answered"
        if role not in ("system", "developer", "user", "assistant"):
            return f"messages[{number}]: unknown role {role!r}"
        waiting = {call["id"] for call in message.get("tool_calls", ())}
        if message.get("content") is None and not waiting and not message.get("refusal"):
            return f"messages[{number}]: no content"
        if isinstance(message.get("content"), list):
            fault = _fault_of_blocks(message["content"])
            if fault:
                return f"messages[{number}]: {fault}"
    return f"tool calls {waiting} were not answered" if waiting else None


def _fault_of_blocks(blocks: list[Any]) -> str | None:
    for block in blocks:
        wanted = _BLOCKS.get(block.get("type"))
        if wanted is None or block.keys() != wanted | {"type"}:
            return f"ill-formed content part {block.get('type')!r}"
        if block["type"] == "file" and not ({"file_id", "file_data"} & block["file"].keys()):
            return "a file needs file_id or file_data"
    return None


def _fault_of_strict(schema: Any, path: str) -> str | None:
    allowed = {
        "type", "properties", "required", "additionalProperties", "items", "anyOf", "$ref",
        "$defs", "enum", "const", "description", "title", "pattern", "format", "minimum",
        "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems",
    }  # fmt: skip
    if extra := schema.keys() - allowed:
        return f"{path}: {extra} is not permitted"
    if "$ref" in schema and len(schema) > 1:
        return f"{path}: $ref cannot have keywords beside it"
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            return f"{path}: additionalProperties must be false"
        if sorted(schema.get("required", ())) != sorted(schema.get("properties", ())):
            return f"{path}: required must name all properties"
    inner = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    inner += [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]
    return next((fault for each in inner if (fault := _fault_of_strict(each, path))), None)
