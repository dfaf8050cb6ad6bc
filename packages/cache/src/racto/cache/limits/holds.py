"""Reservations that are open, by user; those that nobody settles are forgotten in time."""

from __future__ import annotations

from collections import OrderedDict
from itertools import islice
from os import urandom
from typing import NamedTuple

# How many other users are looked at whenever one reserves, so that idle ones go.
_SWEPT = 2


class Hold(NamedTuple):
    """One open reservation.

    Attributes:
        at: When it was made, in microseconds.
        tokens: How many were set aside.
        model: The model it was made for.
    """

    at: int
    tokens: int
    model: str


class Holds:
    """All open reservations of a limiter; not safe with threads by itself.

    Args:
        lasting: Microseconds after which a reservation can no longer be settled.
        most: Most users; of more than these the one who reserved longest ago is forgotten.
    """

    def __init__(self, lasting: int, *, most: int = 1_000_000) -> None:
        self._lasting, self._most = lasting, most
        # The user who reserved longest ago first, and so the reservations of each.
        self._held: OrderedDict[str, dict[str, Hold]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._held.values()))

    def add(self, user_id: str, hold: Hold) -> str:
        """Keep one, and return its mark."""
        for user in [*islice(self._held, _SWEPT), user_id]:
            self._forget(user, hold.at)
        mark = urandom(16).hex()
        self._held.setdefault(user_id, {})[mark] = hold
        self._held.move_to_end(user_id)
        if len(self._held) > self._most:
            self._held.popitem(last=False)
        return mark

    def take(self, user_id: str, mark: str, now: int) -> Hold | None:
        """Take one out; None when it is not there or not open any more."""
        marks = self._held.get(user_id)
        hold = marks.pop(mark, None) if marks else None
        if marks is not None and not marks:
            del self._held[user_id]
        return hold if hold is not None and hold.at + self._lasting > now else None

    def drop(self, user_id: str) -> None:
        """Forget all of one user."""
        self._held.pop(user_id, None)

    def _forget(self, user_id: str, now: int) -> None:
        marks = self._held.get(user_id, {})
        for mark in [mark for mark, hold in islice(marks.items(), 8) if self._is_over(hold, now)]:
            del marks[mark]
        if not marks:
            self._held.pop(user_id, None)

    def _is_over(self, hold: Hold, now: int) -> bool:
        return hold.at + self._lasting <= now
