"""Analysis code as it runs: what it prints, what it leaves, and which of its lines failed."""

from __future__ import annotations

import io
import sys
from types import ModuleType, TracebackType
from typing import Any

from .answers import Answer

FILE = "<analysis>"
_LONGEST_TEXT = 2000
_MISSING = object()


class BoundedText(io.TextIOBase):
    """A text stream that keeps its first characters and counts the rest.

    Args:
        limit: Characters kept.
    """

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._parts: list[str] = []
        self.dropped = 0

    def writable(self) -> bool:
        """Whether it takes text, which it does for as long as code prints."""
        return True

    def write(self, text: str, /) -> int:
        """Keep what there is room for."""
        kept = text[: self._left]
        if kept:
            self._parts.append(kept)
            self._left -= len(kept)
        self.dropped += len(text) - len(kept)
        return len(text)

    def text(self) -> str:
        """What was kept."""
        return "".join(self._parts)


def carry_out(
    code: str, frame: Any, engine: str, ready: dict[str, ModuleType], printable: int
) -> tuple[dict[str, Any], list[bytes]]:
    """Run the code and return the reply: a head, and frames as Arrow streams.

    Args:
        code: Python that leaves ``result``.
        frame: What the code knows as ``df``.
        engine: ``"polars"`` or ``"pandas"``.
        ready: Modules by the names that the code may use without an import.
        printable: Characters of its output that are kept.
    """
    printed = BoundedText(printable)
    # Standard output is the channel of the reply, which a print would garble.
    sys.stdout = sys.stderr = printed
    names: dict[str, Any] = {"__name__": "__main__", "df": frame, **ready}
    answer = Answer(engine)
    head: dict[str, Any] = {"kind": "result"}
    try:
        exec(compile(code, FILE, "exec", dont_inherit=True), names)  # noqa: S102 - behind the lock
        value = names.get("result", _MISSING)
        if value is _MISSING:
            raise NameError("the code ends without a variable named `result`")
        head["value"] = answer.encode(value)
    # Exits, interrupts and panics of the library too: each is an end of the code, told as such.
    except BaseException as error:
        head, answer.blobs = failure(error), []
    return {**head, "printed": printed.text(), "dropped": printed.dropped}, answer.blobs


def failure(error: BaseException) -> dict[str, Any]:
    """The head of a reply that says how the code failed."""
    name = type(error).__name__
    text = _without_paths(str(error))[:_LONGEST_TEXT]
    if isinstance(error, SystemExit):
        text = "the code ended the interpreter instead of leaving `result`"
    return {
        "kind": "failure",
        "error": name,
        "text": text,
        "line": _line(error),
        "refused": isinstance(error, PermissionError),
        "memory": isinstance(error, MemoryError),
    }


def _line(error: BaseException) -> int:
    """The last line of the analysis code on the way to the error; 0 if there is none."""
    if isinstance(error, SyntaxError) and error.filename == FILE:
        return error.lineno or 0
    found = 0
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        # The innermost line of the code: frames of libraries say nothing to its author.
        if trace.tb_frame.f_code.co_filename == FILE:
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


_PREFIXES: list[str] = []


def remember_paths(paths: list[str]) -> None:
    """Keep folders of this machine out of every message from now on."""
    found = {path for path in (*paths, sys.prefix, sys.base_prefix) if len(path) > 1}
    _PREFIXES[:] = sorted(found, key=len, reverse=True)


def _without_paths(text: str) -> str:
    for prefix in _PREFIXES:
        text = text.replace(prefix, "<python>")
    return text
