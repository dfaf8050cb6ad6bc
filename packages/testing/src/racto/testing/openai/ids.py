"""Ids as OpenAI makes them: a prefix that tells the kind, and a tail that tells nothing."""

from __future__ import annotations

from itertools import count


class Ids:
    """Makes ids; the same ones in the same order for each server, so that tests can be repeated."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def make(self, prefix: str) -> str:
        """Make a new id.

        Args:
            prefix: Kind of the object, for example ``resp_``.
        """
        return f"{prefix}{next(self._numbers):024x}"
