"""Text processors: whatever rewrites a chunk's text before it is embedded."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class TextProcessor(Protocol):
    """Rewrites text; the chunk's offsets go on pointing at the untouched source."""

    def process(self, text: str) -> str:
        """The rewritten text; the same input gives the same output."""
        ...
