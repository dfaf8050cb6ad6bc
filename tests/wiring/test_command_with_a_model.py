"""``racto-rag ask --model`` over real HTTP: the kit is found by its name, its words are checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest


class _Model(BaseHTTPRequestHandler):
    """Answers every chat request with the same sentence, and keeps what it was asked."""

    asked: ClassVar[list[dict[str, Any]]] = []
    status: ClassVar[int] = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append({"path": self.path, **json.loads(body)})
        message = {"role": "assistant", "content": "For five years [1], they say on the moon [9]."}
        usage = {"prompt_tokens": 50, "completion_tokens": 9, "total_tokens": 59}
        reply: dict[str, Any] = {
            "id": "r1", "object": "chat.completion", "created": 1, "model": "loopback-1",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage,
        }  # fmt: skip
        if self.status != 200:
            reply = {"error": {"message": "no such model", "type": "invalid_request_error"}}
        data = json.dumps(reply).encode()
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def server() -> Iterator[str]:
    _Model.asked.clear()
    _Model.status = 200
    with ThreadingHTTPServer(("127.0.0.1", 0), _Model) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}/v1"
        made.shutdown()


def racto_rag(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "RACTO_"))}
    return subprocess.run(
        [Path(sys.executable).with_name("racto-rag"), *arguments],
        cwd=folder, env=variables, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pump.md").write_text("# Pump\n\nThe pump is guaranteed for five years.\n")
    assert racto_rag(tmp_path, "ingest", "pump.md").returncode == 0
    return tmp_path


def test_the_model_answers_and_its_citations_are_checked(folder: Path, server: str) -> None:
    question = "How long is the pump guaranteed?"
    done = racto_rag(folder, "ask", question, "--model", "m", "--base-url", server, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["answer"] == "For five years [1], they say on the moon [9]."
    assert [(c["number"], c["is_supported"]) for c in answer["citations"]] == [
        (1, True),
        (9, False),
    ]
    assert answer["citations"][0]["quote"] == "The pump is guaranteed for five years."
    assert answer["usage"]["output_tokens"] == 9
    (request,) = _Model.asked
    assert request["path"] == "/v1/chat/completions"
    assert request["model"] == "m"
    assert "temperature" not in request
    assert "<source number=" in json.dumps(request["messages"])

    shown = racto_rag(folder, "ask", question, "--model", "m", "--base-url", server)
    assert "[9] no such source: not supported" in shown.stdout


def test_a_server_that_refuses_is_one_clear_line(folder: Path, server: str) -> None:
    _Model.status = 404
    done = racto_rag(folder, "ask", "How long?", "--model", "m", "--base-url", server)
    assert done.returncode == 2
    assert done.stderr.startswith("racto-rag: ")
    assert done.stderr.count("\n") == 1
    assert "no such model" in done.stderr
