"""What a sandbox was told when it was made, checked once."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import Literal

from racto.core.errors import ConfigurationError
from racto.pipelines.errors import SandboxUnavailableError

from .frames import ENGINES

LOCKED, UNSAFE = "locked", "unsafe"

Engine = Literal["polars", "pandas"]
"""The library that analysis code is written for."""

Lock = Literal["locked", "unsafe"]
"""Whether the kernel must lock the process, or only limits and the checker apply."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SandboxSettings:
    """Limits of every run, and how the process is locked.

    Attributes:
        engine: The library of the frames.
        timeout_s: Seconds that the code may run, by the clock on the wall.
        memory_bytes: Bytes that the code may need, the frame included.
        max_output_bytes: Bytes that the result may have, with what was printed.
        locked: Whether the kernel locks the process.

    Raises:
        ConfigurationError: If a value is out of range.
    """

    engine: Engine
    timeout_s: float
    memory_bytes: int
    max_output_bytes: int
    locked: bool

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise ConfigurationError(f"engine={self.engine!r} is none of {', '.join(ENGINES)}")
        if not (math.isfinite(self.timeout_s) and self.timeout_s > 0):
            raise ConfigurationError(f"timeout_s={self.timeout_s!r} is no number of seconds")
        for name in ("memory_bytes", "max_output_bytes"):
            value = getattr(self, name)
            if type(value) is not int or value < 1024:
                raise ConfigurationError(f"{name}={value!r} is no number of bytes from 1024 on")


def is_locked(sandbox: str) -> bool:
    """Read the argument ``sandbox``.

    Raises:
        ConfigurationError: If it is neither ``"locked"`` nor ``"unsafe"``.
    """
    if sandbox not in (LOCKED, UNSAFE):
        raise ConfigurationError(f"sandbox={sandbox!r} is neither {LOCKED!r} nor {UNSAFE!r}")
    return sandbox == LOCKED


def require_platform(*, locked: bool) -> None:
    """See that this platform can run, and lock, such a process at all.

    Args:
        locked: Whether it must be locked.

    Raises:
        SandboxUnavailableError: If it cannot.
    """
    # Neither resource limits nor process groups, so that nothing at all could be promised.
    if sys.platform == "win32":
        raise SandboxUnavailableError(
            "the sandbox needs POSIX limits on processes, which Windows lacks; run it under WSL"
        )
    if locked and sys.platform != "linux":
        raise SandboxUnavailableError(
            f"{sys.platform} has neither Landlock nor seccomp, so nothing can be locked down; "
            "sandbox='unsafe' runs the code with a checker and limits, and no wall"
        )
