"""Which offsets are handled, and up to which one each partition may be committed."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .bells import Bell
from .messages import KafkaMessage, Place


@dataclass(slots=True)
class _Sheet:
    """The offsets of one partition while it is ours; a later assignment gets a new sheet."""

    order: deque[int] = field(default_factory=deque)
    done: set[int] = field(default_factory=set)
    claimed: int = 0
    position: int | None = None
    committed: int | None = None

    @property
    def pending(self) -> int:
        """How many offsets are admitted and not handled."""
        return len(self.order) - len(self.done)

    def finish(self, offsets: Sequence[int]) -> int:
        """Note offsets as handled, move the position, and tell how many were not before."""
        order, done = self.order, self.done
        if not order:
            return 0
        before = self.pending
        # As a rule everything is finished that was admitted, in one go.
        if len(order) == len(offsets) and order[0] == offsets[0] and order[-1] == offsets[-1]:
            self.position = offsets[-1] + 1
            order.clear()
            done.clear()
            return before
        # Each offset is put in and taken out once, however long a gap stays open. What lies
        # before the gap was handled already, and is here again after a seek backwards.
        first = order[0]
        done.update(offsets if offsets[0] >= first else [o for o in offsets if o >= first])
        while order and order[0] in done:
            offset = order.popleft()
            done.remove(offset)
            self.position = offset + 1
        return before - self.pending


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """Messages of one partition that somebody is handling.

    It outlives the partition: finishing a claim on a partition that was taken away does nothing.

    Attributes:
        place: The partition.
        offsets: Offsets of the messages, ascending.
    """

    place: Place
    offsets: tuple[int, ...]
    _sheet: _Sheet = field(repr=False)


class OffsetTracker:
    """Keeps, for each partition, the highest offset up to which everything is handled.

    Messages are admitted in the order of their offsets, claimed by whoever handles them, and
    finished in any order. Safe to share between threads.

    Args:
        bell: Guards the tracker, and rings whenever fewer messages are in flight.
    """

    def __init__(self, bell: Bell) -> None:
        self._sheets: dict[Place, _Sheet] = {}
        self._bell = bell
        self._in_flight = 0

    @property
    def in_flight(self) -> int:
        """Messages that were admitted and are not handled yet."""
        return self._in_flight

    @property
    def is_idle(self) -> bool:
        """Whether nobody is handling a message, and no output is on its way."""
        return not any(sheet.claimed for sheet in self._sheets.values())

    def admit(
        self, messages: Iterable[KafkaMessage], *, claimed: bool = False
    ) -> tuple[Claim, ...]:
        """Take messages into account; nothing behind them is committed before they are handled.

        An offset that was admitted before, as after a seek backwards, is taken once.

        Args:
            messages: The messages.
            claimed: Whether whoever admits them handles them too.

        Returns:
            The claims on them, if they were wanted.
        """
        claims: list[Claim] = []
        with self._bell.lock:
            for place, offsets in _grouped(messages).items():
                sheet = self._sheets.setdefault(place, _Sheet())
                if claimed:
                    sheet.claimed += len(offsets)
                    claims.append(Claim(place=place, offsets=tuple(offsets), _sheet=sheet))
                last = sheet.order[-1] if sheet.order else -1
                fresh = offsets if offsets[0] > last else [o for o in offsets if o > last]
                sheet.order.extend(fresh)
                self._in_flight += len(fresh)
        return tuple(claims)

    def claim(
        self, messages: Iterable[KafkaMessage], *, within: tuple[Claim, ...] = ()
    ) -> tuple[Claim, ...]:
        """Mark admitted messages as being handled; one claim for each partition.

        Args:
            messages: The messages.
            within: Claims that hold them already: the partition may have gone and come back since,
                and what was read before does not count for what is read now.
        """
        with self._bell.lock:
            claims = []
            held = {claim.place: claim._sheet for claim in within}
            for place, offsets in _grouped(messages).items():
                # A partition that was taken away meanwhile gets a sheet that nobody looks at.
                sheet = held.get(place) or self._sheets.get(place) or _Sheet()
                sheet.claimed += len(offsets)
                claims.append(Claim(place=place, offsets=tuple(offsets), _sheet=sheet))
            return tuple(claims)

    def claim_again(self, claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
        """Claim the same messages once more; each claim is finished or abandoned by itself."""
        with self._bell.lock:
            for claim in claims:
                claim._sheet.claimed += len(claim.offsets)
        return claims

    def finish(self, claims: Iterable[Claim]) -> None:
        """Note that the messages of the claims are handled and what they led to is delivered."""
        with self._bell.lock:
            for claim in claims:
                claim._sheet.claimed -= len(claim.offsets)
                if self._sheets.get(claim.place) is claim._sheet:
                    self._in_flight -= claim._sheet.finish(claim.offsets)
            self._bell.ring()

    def abandon(self, claims: Iterable[Claim]) -> None:
        """Note that nobody handles the messages any longer; they stay in the way of a commit."""
        with self._bell.lock:
            for claim in claims:
                claim._sheet.claimed -= len(claim.offsets)
            self._bell.ring()

    def committable(self, places: Iterable[Place] | None = None) -> dict[Place, int]:
        """The offsets to commit: for each partition the first one that is not handled.

        Args:
            places: Partitions to ask for; all when None.

        Returns:
            Only the partitions that moved since the last :meth:`committed`.
        """
        with self._bell.lock:
            wanted = self._sheets if places is None else places
            sheets = {place: self._sheets[place] for place in wanted if place in self._sheets}
            return {
                place: sheet.position
                for place, sheet in sheets.items()
                if sheet.position is not None and sheet.position != sheet.committed
            }

    def committed(self, offsets: Mapping[Place, int]) -> None:
        """Note what the broker has taken."""
        with self._bell.lock:
            for place, offset in offsets.items():
                if place in self._sheets:
                    self._sheets[place].committed = offset

    def rewind(self) -> dict[Place, int]:
        """Forget what is not handled, and tell for each such partition where to read again."""
        with self._bell.lock:
            starts = {place: s.order[0] for place, s in self._sheets.items() if s.order}
            for place in starts:
                old = self._sheets[place]
                # A new sheet, so that a claim which is finished late cannot move the position.
                self._sheets[place] = _Sheet(position=old.position, committed=old.committed)
            self._in_flight = 0
            return starts

    def forget(self, places: Iterable[Place]) -> None:
        """Drop partitions that now belong to somebody else."""
        with self._bell.lock:
            for place in places:
                if sheet := self._sheets.pop(place, None):
                    self._in_flight -= sheet.pending
            self._bell.ring()

    def wait(self, places: Iterable[Place], timeout: float) -> bool:
        """Block until no message of the partitions is being handled.

        Args:
            places: The partitions.
            timeout: Most seconds to wait.

        Returns:
            Whether that was so in time.
        """
        with self._bell.lock:
            sheets = [self._sheets[place] for place in places if place in self._sheets]
        return self._bell.until(lambda: not any(sheet.claimed for sheet in sheets), timeout)


def _grouped(messages: Iterable[KafkaMessage]) -> dict[Place, list[int]]:
    # Once a message: whole columns are faster than one message after the other, and asking
    # librdkafka's record itself is faster than asking the message.
    records = [message._record for message in messages]
    topics = {record.topic() for record in records}
    if len(topics) == 1:
        (topic,) = topics
        columns: dict[int, list[int]] = defaultdict(list)
        for record in records:
            columns[record.partition()].append(record.offset())
        return {(topic, partition): offsets for partition, offsets in columns.items()}
    groups: dict[Place, list[int]] = defaultdict(list)
    for record in records:
        groups[record.topic(), record.partition()].append(record.offset())
    return groups
