"""The command, run as a user runs it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

ASKED = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture
def serve() -> Iterator[Any]:
    """A function that runs the command and returns the server's address and the process."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> tuple[str, subprocess.Popen[str]]:
        command = [sys.executable, "-m", "racto.testing", *arguments]
        process = subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            text=True,
            # Shells start background jobs with SIGINT ignored; tests must not inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        running.append(process)
        assert process.stderr is not None
        found = re.search(r"http://127\.0\.0\.1:\d+\S*", process.stderr.readline())
        assert found is not None
        return found.group(), process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def test_a_program_can_be_pointed_at_it(serve: Any) -> None:
    url, process = serve("openai", "--reply", "The sea is wide.")
    answer = httpx2.post(f"{url}/chat/completions", json=ASKED)
    assert answer.json()["choices"][0]["message"]["content"] == "The sea is wide."
    streamed = httpx2.post(f"{url}/chat/completions", json={**ASKED, "stream": True}).text
    events = [json.loads(line[6:]) for line in streamed.splitlines() if line.startswith("data: {")]
    said = [event["choices"][0]["delta"].get("content") for event in events]
    assert said[1:-1] == ["The", " sea", " is", " wide."]
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert "2 requests" in told
    assert process.returncode == 0


def test_it_can_refuse_everything(serve: Any) -> None:
    url, _ = serve("openai", "--fail", "rate_limited", "--retry-after", "3")
    answer = httpx2.post(f"{url}/chat/completions", json=ASKED)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "3"


def test_a_key_can_be_asked_for(serve: Any) -> None:
    url, _ = serve("openai", "--key", "secret")
    assert httpx2.post(f"{url}/chat/completions", json=ASKED).status_code == 401


def test_help_teaches_with_examples() -> None:
    command = [sys.executable, "-m", "racto.testing", "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for word in ("--port 9999", "--fail rate_limited", "Only this machine", "quota_exhausted"):
        assert word in told


@pytest.mark.parametrize("arguments", [["--port", "70000"], ["--pause", "nan"], ["--delay", "-1"]])
def test_a_wrong_argument_is_told_in_a_line(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "racto.testing", "openai", *arguments]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert "error:" in told.stderr
    assert "Traceback" not in told.stderr
