"""What a copy did: how many chunks it moved, found in place, and found to differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyReport:
    """The outcome of one copy.

    Attributes:
        copied: Chunks that were written.
        skipped: Chunks that were in the target already, the same in every way.
        verified: Chunks that were read back and compared; 0 when the target cannot look up ids.
        differing: Ids of chunks that came back otherwise than they were written.
        source_count: Chunks of the source that were met.
        target_count: Chunks that the target holds now, those of others included.
        seconds: Wall-clock time.
    """

    copied: int = 0
    skipped: int = 0
    verified: int = 0
    differing: tuple[str, ...] = ()
    source_count: int = 0
    target_count: int = 0
    seconds: float = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether the target holds all of the source, as far as that could be seen."""
        return not self.differing and self.target_count >= self.source_count


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyProgress:
    """How far a copy has come.

    Attributes:
        phase: ``copy`` or ``verify``.
        done: Chunks dealt with in this phase.
        total: Chunks of the source; None when it does not tell.
    """

    phase: str
    done: int
    total: int | None = None


ProgressCallback: TypeAlias = Callable[[CopyProgress], None]
"""Called after each page; must be quick and must not raise."""
