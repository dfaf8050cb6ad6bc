"""What a law says after looking: how many things it saw, and which of them break it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Report:
    """The findings of one law. A law that saw nothing has proven nothing."""

    seen: int = 0
    violations: list[str] = field(default_factory=list)

    def add(self, where: object, what: str) -> None:
        """Note that ``where`` breaks the law, and how."""
        self.violations.append(f"{where}: {what}")

    def verdict(self, at_least: int = 1) -> str:
        """Return the text a failing test shows; empty when the law is kept.

        Args:
            at_least: How many things the law must have seen.
        """
        lines = sorted(self.violations)
        if self.seen < at_least:
            lines.insert(0, f"the law saw {self.seen} things and should have seen {at_least}")
        return "\n".join(lines)
