"""racto-mcp call: answers of every kind, tools that fail, and what a machine reads."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any


def test_every_kind_of_answer(quick: Any, sdk_url: str) -> None:
    done = quick("call", sdk_url, "media")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    text, image, sound, embedded, note, document, link = done.stdout.splitlines()
    assert text == "look"
    assert image == "[image, image/png, 70 bytes; --save DIR keeps it]"
    assert sound.startswith("[audio, audio/wav, 4 bytes")
    assert (embedded, note) == ("[Resource: note://1]", "a note")
    assert document.startswith("[document, application/pdf, 4 bytes")
    assert link == "two <note://2>: the next"


def test_media_are_saved_and_nothing_is_overwritten(
    quick: Any, sdk_url: str, tmp_path: Path
) -> None:
    for _ in range(2):
        done = quick("call", sdk_url, "media", "--save", "kept")
        assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == [
        "a-2.pdf",
        "a.pdf",
        "media-2.png",
        "media-2.wav",
        "media.png",
        "media.wav",
    ]
    assert (tmp_path / "kept" / "a.pdf").read_bytes() == b"%PDF"
    assert "kept/a-2.pdf  (document, application/pdf, 4 bytes)" in done.stdout


def test_json_for_machines(quick: Any, sdk_url: str, tmp_path: Path) -> None:
    done = quick("call", sdk_url, "media", "--json")
    data = json.loads(done.stdout)
    assert sorted(data) == [
        "content", "is_error", "meta", "parts", "seconds", "structured", "tool"
    ]  # fmt: skip
    assert [part["type"] for part in data["parts"]] == [
        "text", "image", "audio", "text", "document", "link"
    ]  # fmt: skip
    assert base64.b64decode(data["parts"][2]["data"]) == b"RIFF"
    saved = json.loads(quick("call", sdk_url, "media", "--json", "--save", "kept").stdout)
    assert "data" not in saved["parts"][2]
    assert Path(tmp_path / saved["parts"][2]["path"]).read_bytes() == b"RIFF"


def test_a_tool_that_fails_is_exit_code_4(quick: Any, sdk_url: str) -> None:
    done = quick("call", sdk_url, "fail")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("racto-mcp: the tool failed: ")
    assert "no luck today" in done.stderr
    machine = quick("call", sdk_url, "fail", "--json")
    assert machine.returncode == 4
    assert json.loads(machine.stdout)["is_error"] is True


def test_a_tool_that_takes_too_long_is_exit_code_4(quick: Any, sdk_url: str) -> None:
    done = quick("call", sdk_url, "slow", "seconds=60", "--timeout", "0.3")
    assert done.returncode == 4
    assert "Allow more with --timeout" in done.stderr
    assert done.stderr.count("\n") == 1


def test_progress_as_lines_of_json(quick: Any, sdk_url: str) -> None:
    done = quick("call", sdk_url, "slow", "seconds=0.2", "--json", "--progress")
    *steps, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert [step["done"] for step in steps] == [0.0, 1.0, 2.0, 3.0]
    assert steps[1] == {"type": "progress", "done": 1.0, "total": 4.0, "message": "step 1"}
    assert (last["type"], last["content"]) == ("result", "done")
    assert done.stderr == ""


def test_a_tool_that_is_not_there(quick: Any, sdk_url: str) -> None:
    done = quick("call", sdk_url, "wether", "city=Oslo")
    assert done.returncode == 2
    assert done.stderr == ("racto-mcp: the server has no tool 'wether'; did you mean weather?\n")


def test_arguments_that_do_not_fit_are_not_sent(quick: Any, sdk_url: str) -> None:
    done = quick("call", sdk_url, "add", "a=one", "c=3")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "racto-mcp: the arguments do not fit the tool 'add', so nothing was sent:",
        "  - c: no such parameter",
        '  - a: should be integer, got "one"',
        "  - b: required, but missing",
        "  it takes: a: integer, b: integer",
    ]
    sent = quick("call", sdk_url, "add", "a=one", "--no-check")
    assert sent.returncode == 4


def test_a_question_without_a_terminal_is_declined(quick: Any, demo_url: str) -> None:
    done = quick("call", demo_url, "order")
    assert done.stdout == "No order (decline).\n"
    assert "nobody is at a terminal" in done.stderr
    assert "What would you like?" in done.stderr
