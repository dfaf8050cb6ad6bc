"""Filters on system calls, assembled as the kernel's packet-filter programs, and installed."""

from __future__ import annotations

import ctypes
import errno
import struct
from collections.abc import Iterable
from typing import NamedTuple

from .kernel import X86_64, machine, syscall

ALLOW = 0x7FFF0000
KILL = 0x80000000
_ERRNO = 0x00050000
DENY = _ERRNO | errno.EPERM
ABSENT = _ERRNO | errno.ENOSYS

_SECCOMP = {"x86_64": 317, "aarch64": 277}
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SET_MODE_FILTER = 1
_TSYNC = 1
_X32 = 0x40000000
# Numbers above are calls of kernels to come: whoever tries one has a fallback for ENOSYS.
_LAST_KNOWN = 470

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER_AT, _ARCH_AT, _ARGS_AT = 0, 4, 16


class Check(NamedTuple):
    """One condition on an argument: its low 32 bits, masked, are a value.

    ``upper`` asks of the high 32 bits instead, for pointers.
    """

    arg: int
    mask: int
    value: int
    upper: bool = False


class Rule(NamedTuple):
    """What becomes of one system call, if all checks hold."""

    number: int
    action: int = ALLOW
    checks: tuple[Check, ...] = ()


def program(rules: Iterable[Rule], otherwise: int, arch: str) -> bytes:
    """Assemble a filter: the first rule that fits decides, else ``otherwise``.

    Args:
        rules: Rules; those of one call may stand apart.
        otherwise: The action for every other call.
        arch: The machine whose numbers the rules have.

    Returns:
        Instructions of 8 bytes each.
    """
    code = [
        _op(_LOAD, _ARCH_AT),
        # A call by another machine's convention has other numbers: nobody honest makes one.
        _op(_JUMP_EQUAL, _AUDIT[arch], 1, 0),
        _op(_RETURN, KILL),
        _op(_LOAD, _NUMBER_AT),
    ]
    if arch == X86_64:
        code += [_op(_JUMP_AT_LEAST, _X32, 0, 1), _op(_RETURN, DENY)]
    code += [_op(_JUMP_AT_LEAST, _LAST_KNOWN, 0, 1), _op(_RETURN, ABSENT)]
    for rule in rules:
        code += _block(rule)
    return b"".join([*code, _op(_RETURN, otherwise)])


def _block(rule: Rule) -> list[bytes]:
    """One rule; where it does not fit, the number is loaded again for the next."""
    if not rule.checks:
        return [_op(_JUMP_EQUAL, rule.number, 0, 1), _op(_RETURN, rule.action)]
    body = [_op(_RETURN, rule.action)]
    for check in reversed(rule.checks):
        at = _ARGS_AT + 8 * check.arg + (4 if check.upper else 0)
        test = [
            _op(_LOAD, at),
            _op(_AND, check.mask),
            _op(_JUMP_EQUAL, check.value, 0, len(body)),
        ]
        body = [*test, *body]
    return [_op(_JUMP_EQUAL, rule.number, 0, len(body)), *body, _op(_LOAD, _NUMBER_AT)]


def _op(code: int, operand: int, matched: int = 0, missed: int = 0) -> bytes:
    return struct.pack("<HBBI", code, matched, missed, operand)


def install(rules: Iterable[Rule], otherwise: int, *, threads: bool) -> None:
    """Put a filter over this thread, or over every thread of the process.

    Args:
        rules: Rules with this machine's numbers.
        otherwise: The action for every other call.
        threads: Whether the threads that already run are bound too.

    Raises:
        OSError: If the kernel refused, or a thread could not be bound.
    """
    arch = machine()
    code = program(rules, otherwise, arch)
    held = ctypes.create_string_buffer(code, len(code))
    where = ctypes.addressof(held)
    # The structure of length and pointer has six bytes of padding between them.
    head = struct.pack("<H6xQ", len(code) // 8, where)
    flags = _TSYNC if threads else 0
    number = _SECCOMP[arch]
    stuck = syscall(number, _SET_MODE_FILTER, flags, ctypes.create_string_buffer(head, len(head)))
    if stuck:
        raise OSError(f"thread {stuck} could not be bound")
