"""The queue of a batcher: grouped, fair between groups, and each request removable at once."""

from __future__ import annotations

from collections.abc import Hashable

from .settings import BatchSettings
from .tickets import Ticket


class GroupedQueue:
    """Waiting tickets by group; the group that waited longest is served first.

    Dictionaries keep the order of arrival and let a ticket be taken out of the middle in
    constant time, so that callers who hang up leave nothing behind.

    Args:
        settings: Sizes and waiting time of batches.
    """

    def __init__(self, settings: BatchSettings) -> None:
        self._settings = settings
        self._groups: dict[Hashable, dict[Ticket, None]] = {}
        self._work: dict[Hashable, float] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, ticket: Ticket) -> None:
        """Append a ticket to its group."""
        self._groups.setdefault(ticket.group, {})[ticket] = None
        self._work[ticket.group] = self._work.get(ticket.group, 0.0) + ticket.work
        self._size += 1

    def remove(self, ticket: Ticket) -> bool:
        """Take a ticket out; False when it is not waiting any more."""
        tickets = self._groups.get(ticket.group)
        if tickets is None or ticket not in tickets:
            return False
        self._forget(ticket, tickets)
        return True

    def take(self, now: float, *, hurry: bool = False) -> tuple[list[Ticket], float]:
        """Take the next batch.

        Args:
            now: The loop's time.
            hurry: Whether to take batches that could still become fuller.

        Returns:
            The tickets of one group in order of arrival, or none; and then the loop's time at
            which a batch is due, 0 when nothing waits.
        """
        wait = 0.0 if hurry else self._settings.max_wait_time
        # Nearly always the first group is ready; all are looked at only while batches fill up.
        due = 0.0
        for group, tickets in self._groups.items():
            ready = next(iter(tickets)).since + wait
            if ready <= now or self._is_full(group):
                return self._cut(group, tickets), 0.0
            due = min(due or ready, ready)
        return [], due

    def drain(self) -> list[Ticket]:
        """Take everything out, in order of groups."""
        left = [ticket for tickets in self._groups.values() for ticket in tickets]
        self._groups.clear()
        self._work.clear()
        self._size = 0
        return left

    def _is_full(self, group: Hashable) -> bool:
        most = self._settings.max_work
        enough_work = most is not None and self._work[group] >= most
        return enough_work or len(self._groups[group]) >= self._settings.batch_size

    def _cut(self, group: Hashable, tickets: dict[Ticket, None]) -> list[Ticket]:
        batch: list[Ticket] = []
        budget = self._settings.max_work or float("inf")
        for ticket in tickets:
            # The first always goes: a request above the budget runs alone, it never starves.
            if batch and (len(batch) >= self._settings.batch_size or ticket.work > budget):
                break
            batch.append(ticket)
            budget -= ticket.work
        for ticket in batch:
            self._forget(ticket, tickets)
        if group in self._groups:
            # To the end of the line: a busy group must not starve the others.
            self._groups[group] = self._groups.pop(group)
        return batch

    def _forget(self, ticket: Ticket, tickets: dict[Ticket, None]) -> None:
        del tickets[ticket]
        self._size -= 1
        self._work[ticket.group] -= ticket.work
        if not tickets:
            del self._groups[ticket.group]
            del self._work[ticket.group]
