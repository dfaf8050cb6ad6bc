"""The fixture ``cassette``: a recording for each test, beside the test's file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from racto.testing import OpenAIServer

TESTS = """
import openai
import pytest


@pytest.mark.parametrize("word", ["a/b", "c d"])
def test_words(cassette, word):
    server = cassette(upstream={url!r}, mode={mode!r})
    with openai.OpenAI(base_url=server.url, api_key="test-key", max_retries=0) as client:
        turns = [{{"role": "user", "content": word + {more!r}}}]
        reply = client.chat.completions.create(model="m", messages=turns)
    assert reply.choices[0].message.content == "ok"
"""


def run(place: Path, url: str, mode: str, more: str = "") -> subprocess.CompletedProcess[str]:
    (place / "test_it.py").write_text(TESTS.format(url=url, mode=mode, more=more))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(place)]
    return subprocess.run(command, cwd=place, capture_output=True, text=True)


@pytest.mark.parametrize("more", ["", "!"], ids=["the same", "another"])
def test_a_test_finds_its_own_recording(tmp_path: Path, more: str) -> None:
    with OpenAIServer() as real:
        recorded = run(tmp_path, real.url, "record")
    assert recorded.returncode == 0, recorded.stdout
    names = sorted(path.name for path in (tmp_path / "cassettes" / "test_it").iterdir())
    assert names == ["test_words-a-b.json", "test_words-c-d.json"]
    replayed = run(tmp_path, "http://127.0.0.1:9", "replay", more)
    assert replayed.returncode == (1 if more else 0), replayed.stdout
    assert ("no unused answer" in replayed.stdout) == bool(more)
