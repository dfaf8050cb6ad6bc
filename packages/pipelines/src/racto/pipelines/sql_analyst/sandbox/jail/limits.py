"""Limits of the kernel on this process: memory, processor time, files, and a last moment."""

from __future__ import annotations

import ctypes
import math
import resource
import signal
import struct
import sys
from pathlib import Path

from .kernel import X86_64, machine, syscall

_TIMER_CREATE, _TIMER_SETTIME = (222, 107), (223, 110)
_CLOCK_MONOTONIC = 1
_SIGEV_SIGNAL = 0
# Room for stacks of threads and for what allocators set aside and never touch.
_RESERVE = 768 * 1024 * 1024


def before_loading() -> None:
    """No core file, no file that grows, few descriptors."""
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_FSIZE, 0)
    _set(resource.RLIMIT_NOFILE, 64)


def before_running(timeout_s: float, memory_bytes: int) -> None:
    """Limits that count from now, on top of what loading has used.

    Args:
        timeout_s: Seconds that the code may take.
        memory_bytes: Bytes that it may add.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = used.ru_utime + used.ru_stime
    # Several threads may burn at once; the clock on the wall is the parent's and the timer's.
    _set(resource.RLIMIT_CPU, math.ceil(spent + 4 * timeout_s) + 1)
    if sys.platform == "linux":
        _set(resource.RLIMIT_AS, address_space() + memory_bytes + _RESERVE)


def end_after(seconds: float) -> None:
    """Let the kernel kill this process at a moment that no code in it can put off.

    SIGKILL cannot be caught or blocked, and the filter refuses the calls that stop a timer.

    Raises:
        OSError: If the kernel refused.
    """
    at = 0 if machine() == X86_64 else 1
    event = struct.pack("<QiI48x", 0, signal.SIGKILL, _SIGEV_SIGNAL)
    made = ctypes.create_string_buffer(8)
    syscall(
        _TIMER_CREATE[at],
        _CLOCK_MONOTONIC,
        ctypes.create_string_buffer(event, len(event)),
        made,
    )
    (timer,) = struct.unpack_from("<i", made.raw)
    whole = int(seconds)
    due = struct.pack("<4q", 0, 0, whole, int((seconds - whole) * 1e9) + 1)
    syscall(_TIMER_SETTIME[at], timer, 0, ctypes.create_string_buffer(due, len(due)), None)


def address_space() -> int:
    """Bytes of addresses in use; needs /proc."""
    return _pages(0)


def resident() -> int:
    """Bytes of memory in use, as far as the platform tells; needs /proc on Linux."""
    if sys.platform == "linux":
        return _pages(1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _pages(column: int) -> int:
    told = Path("/proc/self/statm").read_text(encoding="ascii")
    return int(told.split()[column]) * resource.getpagesize()


def _set(limit: int, value: int) -> None:
    _, ceiling = resource.getrlimit(limit)
    # An administrator's lower ceiling stays.
    if ceiling != resource.RLIM_INFINITY:
        value = min(value, ceiling)
    resource.setrlimit(limit, (value, value))
