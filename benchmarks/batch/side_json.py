"""The plain way: dictionaries, json, and nothing checked or kept."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stand_in import result  # type: ignore[import-not-found]


def build(count: int) -> Callable[[], int]:
    """Requests to lines of a file."""
    path = Path(tempfile.mkdtemp()) / "items.jsonl"

    def once() -> int:
        with path.open("w", encoding="utf-8") as file:
            for number in range(count):
                messages = [{"role": "user", "content": f"What is {number} squared?"}]
                body = {"model": "gpt-4o-mini", "messages": messages, "max_tokens": 64}
                line: dict[str, Any] = {
                    "custom_id": f"item-{number}",
                    "method": "POST",
                    "url": "/v1/chat/completions",
                    "body": body,
                }
                file.write(json.dumps(line) + "\n")
        return count

    return once


def parse(count: int) -> Callable[[], int]:
    """Lines of a file to replies by id."""
    path = Path(tempfile.mkdtemp()) / "output.jsonl"
    path.write_bytes(b"".join(result(f"item-{number}") for number in reversed(range(count))))

    def once() -> int:
        with path.open("rb") as file:
            found = {}
            for line in file:
                told = json.loads(line)
                found[told["custom_id"]] = told["response"]["body"]
        return len(found)

    return once
