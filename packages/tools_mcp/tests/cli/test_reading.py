"""racto-mcp read: text as it is, media saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def test_a_text(quick: Any, sdk_url: str) -> None:
    done = quick("read", sdk_url, "config://app")
    assert (done.returncode, done.stdout, done.stderr) == (0, "colour = blue\n", "")
    assert quick("read", sdk_url, "users://ann/profile").stdout == "profile of ann\n"


def test_a_picture(quick: Any, sdk_url: str, tmp_path: Path) -> None:
    done = quick("read", sdk_url, "picture://pixel", "--save", "kept", "--json")
    (part,) = json.loads(done.stdout)["parts"]
    assert (part["type"], part["mime_type"]) == ("image", "image/png")
    assert (tmp_path / part["path"]).read_bytes().startswith(b"\x89PNG")


def test_what_is_not_there(quick: Any, sdk_url: str) -> None:
    done = quick("read", sdk_url, "config://nothing")
    assert done.returncode == 3
    assert "config://nothing" in done.stderr
    assert done.stderr.count("\n") == 1
