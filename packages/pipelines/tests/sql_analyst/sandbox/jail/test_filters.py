"""The filters, run by an interpreter of their instructions: every rule, on both machines."""

from __future__ import annotations

import os
import struct

import pytest
from hypothesis import given, strategies as st

from racto.pipelines.sql_analyst.sandbox.jail import calls, filters, kernel

AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
MACHINES = sorted(AUDIT)
READ = {"x86_64": 0, "aarch64": 63}
CLONE = {"x86_64": 56, "aarch64": 220}
MMAP = {"x86_64": 9, "aarch64": 222}
MPROTECT = {"x86_64": 10, "aarch64": 226}
PRLIMIT = {"x86_64": 302, "aarch64": 261}
TGKILL = {"x86_64": 234, "aarch64": 131}
PRCTL = {"x86_64": 157, "aarch64": 167}
FCNTL = {"x86_64": 72, "aarch64": 25}
THREAD = 0x3D0F00


def decided(code: bytes, number: int, args: tuple[int, ...] = (), arch: int = 0) -> int:
    """What a filter answers to a call, as the kernel would work it out."""
    words = [arg & (1 << 64) - 1 for arg in (*args, 0, 0, 0, 0, 0, 0)[:6]]
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, arch, 0, *words)
    at = held = 0
    while True:
        op, matched, missed, operand = struct.unpack_from("<HBBI", code, 8 * at)
        at += 1
        if op == 0x20:
            (held,) = struct.unpack_from("<I", data, operand)
        elif op == 0x54:
            held &= operand
        elif op == 0x15:
            at += matched if held == operand else missed
        elif op == 0x35:
            at += matched if held >= operand else missed
        else:
            assert op == 0x06
            return int(operand)


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    for module in (kernel, calls, filters):
        monkeypatch.setattr(module, "machine", lambda: request.param)
    return str(request.param)


def running(machine: str) -> bytes:
    return filters.program(calls.while_running(), filters.DENY, machine)


def test_few_calls_pass_while_code_runs(machine: str) -> None:
    code = running(machine)
    passed = {n for n in range(600) if decided(code, n, arch=AUDIT[machine]) == filters.ALLOW}
    assert READ[machine] in passed
    # With arguments of zero: neither a thread, nor one of the calls that need a certain command.
    assert len(passed) < 60
    names = {"openat": (257, 56), "openat2": (437, 437), "execve": (59, 221), "socket": (41, 198)}
    for name, numbers in names.items():
        number = numbers[0 if machine == "x86_64" else 1]
        assert number not in passed, name
        assert decided(code, number, arch=AUDIT[machine]) == filters.DENY, name


def test_calls_of_another_machine_end_the_process(machine: str) -> None:
    code = running(machine)
    for arch in {0x40000003, *AUDIT.values()} - {AUDIT[machine]}:
        assert decided(code, READ[machine], arch=arch) == filters.KILL


def test_the_other_convention_of_x86_64_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "machine", lambda: "x86_64")
    code = running("x86_64")
    for number in (0, 2, 257, 520):
        assert decided(code, 0x40000000 | number, arch=AUDIT["x86_64"]) == filters.DENY


def test_calls_of_kernels_to_come_are_absent(machine: str) -> None:
    for code in (running(machine), filters.program(calls.while_loading(), filters.ALLOW, machine)):
        assert decided(code, 480, arch=AUDIT[machine]) == filters.ABSENT
        assert decided(code, 435, arch=AUDIT[machine]) == filters.ABSENT


@pytest.mark.parametrize(
    ("call", "args", "passes"),
    [
        (CLONE, (THREAD,), True),
        (CLONE, (17,), False),
        (CLONE, (0x100 | 17,), False),
        (CLONE, (THREAD & ~0x10000,), False),
        (CLONE, (THREAD | 0x10000000,), False),
        (CLONE, (THREAD | 0x20000,), False),
        (MMAP, (0, 4096, 3, 0x22), True),
        (MMAP, (0, 4096, 7, 0x22), False),
        (MMAP, (0, 4096, 5, 0x22), False),
        (MMAP, (0, 4096, 3, 0x40022), False),
        (MPROTECT, (0, 4096, 3), True),
        (MPROTECT, (0, 4096, 5), False),
        (PRLIMIT, (0, 7, 0, 1), True),
        (PRLIMIT, (0, 7, 1, 1), False),
        (PRLIMIT, (0, 7, 1 << 32, 1), False),
        (PRLIMIT, (1, 7, 0, 1), False),
        (TGKILL, (os.getpid(), os.getpid(), 6), True),
        (TGKILL, (os.getpid(), os.getpid(), 9), False),
        (TGKILL, (os.getppid(), os.getppid(), 6), False),
        (PRCTL, (15,), True),
        (PRCTL, (22,), False),
        (PRCTL, (4, 1), False),
        (FCNTL, (1, 3), True),
        (FCNTL, (1, 8), False),
    ],
)
def test_arguments_decide(
    call: dict[str, int], args: tuple[int, ...], passes: bool, machine: str
) -> None:
    found = decided(running(machine), call[machine], args, AUDIT[machine])
    assert found == (filters.ALLOW if passes else filters.DENY)


def test_loading_starts_no_process_and_no_connection(machine: str) -> None:
    code = filters.program(calls.while_loading(), filters.ALLOW, machine)
    at = 0 if machine == "x86_64" else 1
    for numbers in (
        (41, 198),
        (42, 203),
        (59, 221),
        (322, 281),
        (101, 117),
        (319, 279),
        (425, 425),
    ):
        assert decided(code, numbers[at], arch=AUDIT[machine]) == filters.DENY
    assert decided(code, CLONE[machine], (17,), AUDIT[machine]) == filters.DENY
    assert decided(code, CLONE[machine], (THREAD,), AUDIT[machine]) == filters.ALLOW
    assert decided(code, (257, 56)[at], arch=AUDIT[machine]) == filters.ALLOW


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 3), st.integers(0, 255)), max_size=30)
)
def test_the_first_rule_that_fits_decides(rules: list[tuple[int, int, int]]) -> None:
    made = [
        filters.Rule(number, 100 + at, (filters.Check(arg, 0xFF, value),))
        for at, (number, arg, value) in enumerate(rules)
    ]
    code = filters.program(made, 7, "x86_64")
    for at, (number, arg, value) in enumerate(rules):
        args = tuple(value if i == arg else 0 for i in range(4))
        wanted = next(100 + i for i, (n, a, v) in enumerate(rules) if n == number and args[a] == v)
        assert decided(code, number, args, AUDIT["x86_64"]) == wanted <= 100 + at
