"""Files and batches of OpenAI's as far as clients use them, on the standard library alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FILES: dict[str, list[str]] = {}
"""Custom ids by the id of the uploaded file."""


def result(custom_id: str) -> bytes:
    """The line of an output file."""
    message = {"role": "assistant", "content": f"An answer to {custom_id}.", "refusal": None}
    body = {
        "id": f"chatcmpl-{custom_id}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "gpt-4o-mini",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 6, "total_tokens": 26},
    }
    response = {"status_code": 200, "request_id": f"req-{custom_id}", "body": body}
    told = {"id": f"b-{custom_id}", "custom_id": custom_id, "response": response, "error": None}
    return json.dumps(told).encode() + b"\n"


class Handler(BaseHTTPRequestHandler):
    """Answers one connection's requests."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Take a file, or make a job, which has ended at once."""
        if self.path.endswith("/files"):
            name = f"file-{len(FILES)}"
            FILES[name] = list(self._ids())
            self._send({"id": name, "object": "file", "bytes": 1, "created_at": 1,
                        "filename": "a.jsonl", "purpose": "batch", "status": "processed"})  # fmt: skip
        else:
            wanted = json.loads(self.rfile.read(int(self.headers["content-length"])))
            self._send(self._job(wanted["input_file_id"], wanted.get("metadata")))

    def do_GET(self) -> None:
        """Show a job, a file, or the results in it."""
        parts = self.path.partition("?")[0].rstrip("/").split("/")
        if parts[-1] == "content":
            lines = [result(each) for each in reversed(FILES[parts[-2].removeprefix("out-")])]
            self._send_bytes(b"".join(lines), "application/jsonl")
        else:
            self._send(self._job(parts[-1].removeprefix("batch-"), None))

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _ids(self) -> Iterator[str]:
        # Lines of JSON are the only lines of the multipart body that begin so.
        for line in self._body().split(b"\n"):
            if line.startswith(b"{"):
                yield json.loads(line)["custom_id"]

    def _body(self) -> bytes:
        if (length := self.headers.get("content-length")) is not None:
            return self.rfile.read(int(length))
        pieces = []
        while size := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def _job(self, file: str, metadata: Any) -> dict[str, Any]:
        count = len(FILES[file])
        return {
            "id": f"batch-{file}",
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "errors": None,
            "input_file_id": file,
            "completion_window": "24h",
            "status": "completed",
            "output_file_id": f"out-{file}",
            "error_file_id": None,
            "created_at": 1,
            "completed_at": 2,
            "request_counts": {"total": count, "completed": count, "failed": 0},
            "metadata": metadata,
        }

    def _send(self, data: Any) -> None:
        self._send_bytes(json.dumps(data).encode(), "application/json")

    def _send_bytes(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
