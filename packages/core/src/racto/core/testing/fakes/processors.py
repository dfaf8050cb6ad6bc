"""A text processor that folds white space."""

from __future__ import annotations


class SpaceFolder:
    """Turns every run of white space into one space and strips the ends."""

    def process(self, text: str) -> str:
        """The text on one line."""
        return " ".join(text.split())
