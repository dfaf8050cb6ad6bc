"""Rights of the user it runs as, and how they are given up for good."""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct

from .kernel import (
    PR_CAP_AMBIENT,
    PR_CAP_AMBIENT_CLEAR_ALL,
    PR_CAPBSET_DROP,
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    machine,
    prctl,
    syscall,
)

# Nobody, as most systems number it; owns nothing that matters.
_NOBODY = 65534
_CAP_VERSION = 0x20080522
_CAP_SETGID, _CAP_SETUID = 6, 7
_CAPSET = {"x86_64": 126, "aarch64": 91}


def renounce() -> None:
    """Gain no right by any means from now on, and keep of root's only the one to become nobody.

    Raises:
        OSError: If the kernel refused.
    """
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    # Neither a core file nor a debugger of the same user shows the rows.
    prctl(PR_SET_DUMPABLE, 0)
    if os.geteuid() != 0:
        return
    _empty_bounds()
    try:
        _keep_capabilities(1 << _CAP_SETUID | 1 << _CAP_SETGID)
    except PermissionError:
        # Root of a container that never had them.
        _keep_capabilities(0)


def become_nobody() -> bool:
    """Change from root to a user that owns nothing, in every thread; others stay who they are.

    Returns:
        Whether the user changed. A container may give root no right to, or know no such user; it
        is root without any of root's powers then.
    """
    if os.geteuid() != 0:
        return False
    try:
        with contextlib.suppress(PermissionError):
            # Refused inside of a user namespace, which has no groups to lose.
            os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    except OSError:
        _keep_capabilities(0)
        return False
    return True


def _keep_capabilities(kept: int) -> None:
    head = struct.pack("<Ii", _CAP_VERSION, 0)
    # Effective, permitted and inheritable, each in a low and a high word.
    data = struct.pack("<6I", kept, kept, 0, 0, 0, 0)
    syscall(_CAPSET[machine()], _buffer(head), _buffer(data))


def _empty_bounds() -> None:
    try:
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
        for capability in range(64):
            prctl(PR_CAPBSET_DROP, capability)
    except OSError:
        # Past the last capability of this kernel, or root of a container without SETPCAP.
        return


def _buffer(data: bytes) -> ctypes.Array[ctypes.c_char]:
    return ctypes.create_string_buffer(data, len(data))
