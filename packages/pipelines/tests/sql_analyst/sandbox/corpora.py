"""The corpora of analysis code, read from their files, and what each piece is run on."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

HERE = Path(__file__).parent / "corpus"
CANARY = "canary-7f3a9c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """One piece of analysis code.

    Attributes:
        name: What it is about.
        expects: What must become of it, where the file says so.
        code: The code.
    """

    name: str
    expects: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What hostile code would like to reach.

    Attributes:
        secret: A file that holds the canary.
        folder: An empty folder that everybody may write to.
        server: A socket that listens, and should hear nothing.
        parent: The process that started the sandbox.
    """

    secret: Path
    folder: Path
    server: socket.socket
    parent: int

    def code(self, snippet: Snippet) -> str:
        """The snippet with the places filled in."""
        facts = {
            "{SECRET}": str(self.secret),
            "{DIR}": str(self.folder),
            "{PORT}": str(self.server.getsockname()[1]),
            "{PID}": str(self.parent),
        }
        code = snippet.code
        for mark, value in facts.items():
            code = code.replace(mark, value)
        return code

    def assert_untouched(self, seen: str) -> None:
        """See that nothing was read, written, moved or called."""
        assert CANARY not in seen
        assert "root:x:" not in seen
        assert self.secret.read_text(encoding="utf-8") == f"{CANARY}\n"
        assert list(self.folder.iterdir()) == []
        try:
            self.server.accept()
        except BlockingIOError:
            return
        raise AssertionError("somebody called")


def corpus(name: str) -> list[Snippet]:
    """The pieces of one file, in order."""
    found: list[Snippet] = []
    for part in (HERE / f"{name}.txt").read_text(encoding="utf-8").split("### ")[1:]:
        head, _, code = part.partition("\n")
        title, _, expects = head.partition("|")
        found.append(Snippet(name=title.strip(), expects=expects.strip(), code=code))
    assert len({snippet.name for snippet in found}) == len(found)
    return found


def sales() -> pl.DataFrame:
    """A small table of sales with text, numbers, days and missing values."""
    size = 12
    return pl.DataFrame(
        {
            "region": ["north", "south", "east"] * 4,
            "product": ["tea", "coffee", "cocoa", "tea"] * 3,
            "amount": [40.0 + 23.5 * at for at in range(size)],
            "units": [1 + at % 5 for at in range(size)],
            "day": [date(2024, 1 + at // 3, 1 + 2 * at) for at in range(size)],
            "email": [f"user{at}@shop{at % 3}.example" for at in range(size)],
            "note": [None if at % 3 else f"note {at}" for at in range(size)],
            "a": list(range(size)),
        }
    )
