"""The lock on files: Landlock lets this process read what is named, and do nothing else."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from .kernel import syscall

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1

_READ_FILE = 1 << 2
_READ_DIR = 1 << 3

# Rights on files that each ABI knows: 13 at first, then REFER, TRUNCATE and IOCTL_DEV.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NET_SINCE, _TCP_RIGHTS = 4, 0b11
# Abstract sockets and signals of processes outside.
_SCOPES_SINCE, _SCOPES = 6, 0b11


def abi() -> int:
    """The version of Landlock that the kernel speaks; 0 where it has none."""
    try:
        return syscall(_CREATE, None, 0, _VERSION_FLAG)
    except OSError:
        return 0


def restrict(readable: Iterable[str], listable: Iterable[str]) -> int:
    """Take from this thread, and those that it starts, every right but these.

    Args:
        readable: Files and folders whose content stays readable; those that are missing are
            passed over.
        listable: Folders whose names stay readable, and not what the files hold.

    Returns:
        The version of Landlock that did it.

    Raises:
        OSError: If the kernel has no Landlock, or refused.
    """
    version = abi()
    if version < 1:
        raise OSError("the kernel has no Landlock")
    ruleset = _ruleset(version)
    try:
        for path in readable:
            _allow(ruleset, path, _READ_FILE | _READ_DIR)
        for path in listable:
            _allow(ruleset, path, _READ_DIR)
        syscall(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def _ruleset(version: int) -> int:
    """What is handled is forbidden unless a rule allows it; TCP and scopes get no rule."""
    files = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    words = [files]
    if version >= _NET_SINCE:
        words.append(_TCP_RIGHTS)
    if version >= _SCOPES_SINCE:
        words.append(_SCOPES)
    # An older kernel refuses a longer structure, so it ends where this kernel's does.
    packed = struct.pack(f"<{len(words)}Q", *words)
    return syscall(_CREATE, ctypes.create_string_buffer(packed, len(packed)), len(packed), 0)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            rights &= _READ_FILE
        rule = struct.pack("<Qi", rights, opened)
        syscall(_ADD, ruleset, _PATH_BENEATH, ctypes.create_string_buffer(rule, len(rule)), 0)
    finally:
        os.close(opened)
