"""System calls of Linux that Python has no function for, through ctypes; each raises OSError."""

from __future__ import annotations

import ctypes
import os
import platform

X86_64 = "x86_64"
AARCH64 = "aarch64"

PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
PR_SET_DUMPABLE = 4

_libc: ctypes.CDLL | None = None


def machine() -> str:
    """The processor as the tables of system calls name it; other names have no table."""
    found = platform.machine().lower()
    # The kernel may be 64-bit under a 32-bit interpreter, whose calls have other numbers.
    if ctypes.sizeof(ctypes.c_void_p) != 8:
        return f"32-bit {found}"
    return {"amd64": X86_64, "arm64": AARCH64}.get(found, found)


def libc() -> ctypes.CDLL:
    """The C library that this process already has."""
    global _libc
    if _libc is None:
        _libc = ctypes.CDLL(None, use_errno=True)
    return _libc


def syscall(number: int, *args: int | ctypes.Array[ctypes.c_char] | None) -> int:
    """Make a system call.

    Args:
        number: Its number on this machine.
        *args: Integers, or buffers, of which the address is handed over.

    Returns:
        What the call returned, never negative.

    Raises:
        OSError: With the call's errno.
    """
    call = libc().syscall
    call.restype = ctypes.c_long
    words = [ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args]
    answer: int = call(ctypes.c_long(number), *words)
    if answer < 0:
        raise _failure()
    return answer


def prctl(option: int, first: int = 0, second: int = 0) -> int:
    """Change or ask a property of this process.

    Raises:
        OSError: With the call's errno.
    """
    # Every word in full width: the call takes as many arguments as it is told to look at.
    words = [ctypes.c_ulong(word) for word in (first, second, 0, 0)]
    answer: int = libc().prctl(ctypes.c_int(option), *words)
    if answer < 0:
        raise _failure()
    return answer


def _failure() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
