"""racto-mcp prompt: filled in, or told what is missing."""

from __future__ import annotations

import json
from typing import Any


def test_a_prompt(quick: Any, sdk_url: str) -> None:
    done = quick("prompt", sdk_url, "greet", "name=Ann", "style=cold")
    assert done.stdout == "user:\nGreet Ann in a cold way.\n"
    data = json.loads(quick("prompt", sdk_url, "greet", "name=Ann", "--json").stdout)
    assert data["messages"] == [
        {"role": "user", "parts": [{"type": "text", "text": "Greet Ann in a kind way."}]}
    ]


def test_wrong_arguments_and_names(quick: Any, sdk_url: str) -> None:
    done = quick("prompt", sdk_url, "greet", "nmae=Ann")
    assert done.returncode == 2
    assert done.stderr.splitlines()[1:] == [
        "  - name: required, but missing",
        "  - nmae: no such argument",
        "  it takes: name, style?",
    ]
    assert "did you mean greet?" in quick("prompt", sdk_url, "great").stderr
