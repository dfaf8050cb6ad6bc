"""What a format cannot carry: refused by default, or left out and counted."""

from __future__ import annotations

from collections import Counter
from typing import Literal, TypeAlias

from racto.core.errors import UnsupportedFeatureError

OnLoss: TypeAlias = Literal["raise", "drop"]
"""What to do with something that a format has no place for."""


class Losses:
    """What was lost on the way into a format.

    Args:
        on_loss: ``raise`` refuses the example; ``drop`` leaves the thing out and counts it.
        title: Name of the format for messages.

    Attributes:
        counts: How often each feature was left out.
        title: Name of the format for messages.
    """

    def __init__(self, on_loss: OnLoss = "raise", *, title: str = "The format") -> None:
        self._on_loss = on_loss
        self.title = title
        self.counts: Counter[str] = Counter()

    def lose(self, feature: str, why: str) -> None:
        """Refuse or count something.

        Args:
            feature: What it is.
            why: What the format takes instead.

        Raises:
            UnsupportedFeatureError: If nothing may be lost.
        """
        if self._on_loss == "raise":
            raise UnsupportedFeatureError(
                f"{self.title} has no place for {feature}: {why}; change the example, or leave "
                f"such things out with on_loss='drop'",
                feature=feature,
            )
        self.counts[feature] += 1
