"""Which system calls pass: those that loading needs are wide, those of running code very few."""

from __future__ import annotations

import os
from collections.abc import Iterator

from .filters import ABSENT, ALLOW, DENY, Check, Rule
from .kernel import X86_64, machine

# Number on x86-64, number on arm64; -1 where a machine has no such call.
_NEEDED = {
    "brk": (12, 214),
    "clock_getres": (229, 114),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "close": (3, 57),
    "epoll_create1": (291, 20),
    "epoll_ctl": (233, 21),
    "epoll_pwait": (281, 22),
    "epoll_wait": (232, -1),
    "eventfd2": (290, 19),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "fstat": (5, 80),
    "futex": (202, 98),
    "getcpu": (309, 168),
    "getegid": (108, 177),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getpid": (39, 172),
    "getrandom": (318, 278),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "gettid": (186, 178),
    "gettimeofday": (96, 169),
    "getuid": (102, 174),
    "lseek": (8, 62),
    "madvise": (28, 233),
    "membarrier": (324, 283),
    "mremap": (25, 216),
    "munmap": (11, 215),
    "nanosleep": (35, 101),
    "poll": (7, -1),
    "ppoll": (271, 73),
    "pselect6": (270, 72),
    "read": (0, 63),
    "readv": (19, 65),
    "restart_syscall": (219, 128),
    "rseq": (334, 293),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_getaffinity": (204, 123),
    "sched_yield": (24, 124),
    "select": (23, -1),
    "set_robust_list": (273, 99),
    "sigaltstack": (131, 132),
    "time": (201, -1),
    "times": (100, 153),
    "write": (1, 64),
    "writev": (20, 66),
}

_CLONE, _CLONE3 = (56, 220), (435, 435)
_FCNTL, _MMAP, _MPROTECT = (72, 25), (9, 222), (10, 226)
_PRCTL, _PRLIMIT, _TGKILL = (157, 167), (302, 261), (234, 131)

# What no library does to be imported; the rest of loading is held by Landlock.
_NEVER = {
    "accept": (43, 202),
    "accept4": (288, 242),
    "add_key": (248, 217),
    "bind": (49, 200),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "connect": (42, 203),
    "delete_module": (176, 106),
    "execve": (59, 221),
    "execveat": (322, 281),
    "finit_module": (313, 273),
    "fork": (57, -1),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "kcmp": (312, 272),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "kill": (62, 129),
    "listen": (50, 201),
    "memfd_create": (319, 279),
    "mount": (165, 40),
    "move_mount": (429, 429),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pivot_root": (155, 41),
    "process_madvise": (440, 440),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "request_key": (249, 218),
    "sendmmsg": (307, 269),
    "sendmsg": (46, 211),
    "sendto": (44, 206),
    "setns": (308, 268),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "tkill": (200, 130),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "vfork": (58, -1),
}

# Threads share everything; a process or a namespace of its own is refused.
_THREAD = 0x00000100 | 0x00000800 | 0x00010000
_NAMESPACES = 0x7E020000
_PROT_EXEC = 0x4
_MAP_HUGETLB = 0x40000
_F_GETFD, _F_GETFL, _F_DUPFD_CLOEXEC = 1, 3, 1030
_PR_SET_NAME, _PR_SET_VMA = 15, 0x53564D41
_WORD = 0xFFFFFFFF


def _number(pair: tuple[int, int]) -> int:
    return pair[0 if machine() == X86_64 else 1]


def while_loading() -> list[Rule]:
    """Rules of a filter that lets everything else pass: no network, no process, no new rights."""
    rules = [Rule(_number(pair), DENY) for pair in _NEVER.values() if _number(pair) >= 0]
    return [*rules, *_threads(), Rule(_number(_CLONE), DENY)]


def while_running() -> list[Rule]:
    """Rules of a filter that refuses everything else: memory, threads, clocks, open pipes.

    None of them takes a path, makes a descriptor of something outside, or names a process.
    """
    rules = [Rule(_number(pair)) for pair in _NEEDED.values() if _number(pair) >= 0]
    return [*rules, *_threads(), *_memory(), *_own_process()]


def _threads() -> Iterator[Rule]:
    # Its flags lie in memory, where no filter can see them; the C library falls back to clone.
    yield Rule(_number(_CLONE3), ABSENT)
    flags = (Check(0, _THREAD, _THREAD), Check(0, _NAMESPACES, 0))
    yield Rule(_number(_CLONE), ALLOW, flags)


def _memory() -> Iterator[Rule]:
    """No page becomes executable: what runs was loaded before the lock."""
    plain = Check(2, _PROT_EXEC, 0)
    yield Rule(_number(_MMAP), ALLOW, (plain, Check(3, _MAP_HUGETLB, 0)))
    yield Rule(_number(_MPROTECT), ALLOW, (plain,))


def _own_process() -> Iterator[Rule]:
    for command in (_F_GETFD, _F_GETFL, _F_DUPFD_CLOEXEC):
        yield Rule(_number(_FCNTL), ALLOW, (Check(1, _WORD, command),))
    for option in (_PR_SET_NAME, _PR_SET_VMA):
        yield Rule(_number(_PRCTL), ALLOW, (Check(0, _WORD, option),))
    # Limits may be read, of this process alone: no process is named, no new limit is handed over.
    asked = (Check(0, _WORD, 0), Check(2, _WORD, 0), Check(2, _WORD, 0, upper=True))
    yield Rule(_number(_PRLIMIT), ALLOW, asked)
    # How the C library ends a process that found its memory corrupt.
    abort = (Check(0, _WORD, os.getpid()), Check(2, _WORD, 6))
    yield Rule(_number(_TGKILL), ALLOW, abort)
