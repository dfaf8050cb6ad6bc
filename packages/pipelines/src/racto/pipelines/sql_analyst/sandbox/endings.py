"""Why a process ended or failed, as the error that its caller gets."""

from __future__ import annotations

import signal

from racto.pipelines.errors import (
    SandboxError,
    SandboxLimitError,
    SandboxViolationError,
)

from .processes import ProcessEndedError, memory_exceeded, unavailable
from .replies import Reply, too_large
from .settings import SandboxSettings

# What libraries say when the kernel gives them no more memory, and no more threads for want of it.
_OUT_OF_MEMORY = (
    b"memory allocation of",
    b"bad_alloc",
    b"MemoryError",
    b"out of memory",
    b"Cannot allocate memory",
    b"Resource temporarily unavailable",
)

_LONGEST = 2000


def death(ended: ProcessEndedError, settings: SandboxSettings) -> SandboxError:
    """The error for a process that ended without an answer."""
    if any(words in ended.words for words in _OUT_OF_MEMORY):
        return memory_exceeded(settings.memory_bytes)
    # The kernel's own limits end a process by these signals.
    number = -ended.status
    if number in (signal.SIGXCPU, signal.SIGKILL):
        return SandboxLimitError(
            "the kernel stopped the analysis: at its limit on processor time, at its last moment, "
            "or for want of memory on this machine"
        )
    if number == signal.SIGSYS:
        return SandboxViolationError("the analysis made a system call that the sandbox refuses")
    if number > 0:
        name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
        return SandboxError(f"the analysis process crashed ({name}): memory, or endless recursion")
    return SandboxError(f"the analysis ended its process (status {ended.status}) without a result")


def failure(reply: Reply, code: str, settings: SandboxSettings) -> SandboxError:
    """The error for a reply that is no result.

    Args:
        reply: A reply of another kind than ``result``.
        code: The analysis code, to quote the line that failed.
        settings: Limits of the run.
    """
    kind = reply.text("kind")
    if kind == "unavailable":
        return unavailable(reply)
    if kind == "large":
        return too_large(reply.count("size"), settings.max_output_bytes)
    if kind != "failure":
        return SandboxViolationError("the analysis wrote to the channel of its results")
    if reply.head.get("memory") is True:
        return memory_exceeded(settings.memory_bytes)
    where = _place(code, reply.count("line"))
    text = f"{reply.text('error')[:100]}: {reply.text('text')[:_LONGEST]}{where}"
    # Behind the lock a PermissionError has one cause only.
    if reply.head.get("refused") is True:
        return SandboxViolationError(f"{text} (the sandbox has no files, network or processes)")
    return SandboxError(text)


def _place(code: str, line: int) -> str:
    lines = code.splitlines()
    if not 1 <= line <= len(lines):
        return ""
    return f" (line {line}: {lines[line - 1].strip()[:200]})"
