"""Follows the chains of audit events and finds what was changed, removed, inserted or moved."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from racto.core.errors import BadRequestError, ConfigurationError

from .chain import Link, first_digest, is_intact, link_of
from .encoding import key_of
from .entries import AuditEntry

MOST_EVENTS = 20_000_000
"""Most events that one verification takes; it remembers about 100 bytes of each."""

_MOST_FINDINGS = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditBreak:
    """Something that is not as it was written.

    Attributes:
        kind: ``changed``, ``missing``, ``unlinked``, ``doubled``, ``moved``, ``unsealed``,
            ``headless`` or ``cut``.
        place: Where.
        what: What is wrong there, in words.
    """

    kind: str
    place: str
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditReport:
    """What a verification found.

    Attributes:
        events: Events read.
        copies: Of these, exact copies of others, which delivery at least once makes.
        unsealed: Of these, events without a chain.
        heads: The last link of each chain, by the chain's id.
        breaks: Findings, the first thousand.
    """

    events: int
    copies: int
    unsealed: int
    heads: Mapping[str, Link]
    breaks: Sequence[AuditBreak]

    @property
    def is_intact(self) -> bool:
        """Whether nothing was found."""
        return not self.breaks

    def as_data(self) -> dict[str, Any]:
        """The report as JSON-serialisable data."""
        return {
            "intact": self.is_intact,
            "events": self.events,
            "copies": self.copies,
            "unsealed": self.unsealed,
            "chains": {
                chain_id: {"sequence": head.sequence, "digest": head.digest}
                for chain_id, head in self.heads.items()
            },
            "breaks": [
                {"kind": found.kind, "place": found.place, "what": found.what}
                for found in self.breaks
            ],
        }


class _Chain:
    """What is remembered of one chain's events, in the order of reading and packed tightly."""

    def __init__(self) -> None:
        self.sequences = array("Q")
        self.digests = bytearray()
        self.previous = bytearray()
        self.users = array("q")
        self.parts = array("i")
        self.numbers = array("Q")
        self.sources = array("I")

    def digest(self, place: int) -> bytes:
        return bytes(self.digests[place * 32 : place * 32 + 32])

    def before(self, place: int) -> bytes:
        return bytes(self.previous[place * 32 : place * 32 + 32])


class ChainVerifier:
    """Takes events in the order in which they lie, and judges them at the end.

    Args:
        key: The chains' key; None for chains without one.
        partial: Whether chains may begin later than with their first event.
        allow_unsealed: Whether events without a chain are no finding.
        expected: Links that must be there.
    """

    def __init__(
        self,
        *,
        key: bytes | None = None,
        partial: bool = False,
        allow_unsealed: bool = False,
        expected: Iterable[Link] = (),
    ) -> None:
        self._key, self._partial, self._allow_unsealed = key, partial, allow_unsealed
        self._expected = tuple(expected)
        self._chains: dict[str, _Chain] = {}
        self._users: dict[bytes, int] = {}
        self._sources: dict[str, int] = {}
        self._breaks: list[AuditBreak] = []
        self._events = self._unsealed = self._copies = 0

    def add(self, entry: AuditEntry) -> None:
        """Take the next event.

        Raises:
            BadRequestError: If there are more than :data:`MOST_EVENTS`.
        """
        self._events += 1
        if self._events > MOST_EVENTS:
            raise BadRequestError(f"there are more than {MOST_EVENTS} events; verify them in parts")
        link = link_of(entry.value)
        if link is None:
            self._unsealed += 1
            if not self._allow_unsealed:
                self._find("unsealed", entry.place, "the event carries no link of a chain")
        elif not is_intact(entry.value, link, key=self._key):
            # A wrong key fails from the first event on, tampering seldom does.
            hint = "" if self._chains else "; is it the right key?"
            self._find(
                "changed", entry.place,
                f"event {link.sequence} of chain {link.chain_id} does not fit its digest{hint}",
            )  # fmt: skip
        else:
            self._remember(link, entry)

    def report(self) -> AuditReport:
        """Judge all events that were added."""
        heads: dict[str, Link] = {}
        for chain_id, chain in self._chains.items():
            # Partitions are read side by side, so that events come in another order than their own.
            order = sorted(range(len(chain.sequences)), key=chain.sequences.__getitem__)
            last = self._follow(chain_id, chain, order)
            heads[chain_id] = Link(
                chain_id, chain.sequences[last], chain.before(last).hex(), chain.digest(last).hex()
            )
            for user in self._out_of_order(chain):
                self._find(
                    "moved", self._place(chain, user),
                    f"event {chain.sequences[user]} of chain {chain_id} comes after later events "
                    "of its user",
                )  # fmt: skip
        self._check_expected()
        return AuditReport(
            events=self._events,
            copies=self._copies,
            unsealed=self._unsealed,
            heads=heads,
            breaks=tuple(self._breaks),
        )

    def _remember(self, link: Link, entry: AuditEntry) -> None:
        chain = self._chains.setdefault(link.chain_id, _Chain())
        chain.sequences.append(link.sequence)
        chain.digests += bytes.fromhex(link.digest)
        chain.previous += bytes.fromhex(link.previous)
        chain.users.append(self._user(entry))
        chain.parts.append(entry.part)
        chain.numbers.append(entry.number)
        chain.sources.append(self._sources.setdefault(entry.source, len(self._sources)))

    def _user(self, entry: AuditEntry) -> int:
        key = entry.key
        if entry.part < 0:
            user = (entry.fields() or {}).get("user_id")
            key = key_of(user) if isinstance(user, str) else None
        # Events without a user have no key, and Kafka keeps no order among them.
        return self._users.setdefault(key, len(self._users)) if key else -1

    def _follow(self, chain_id: str, chain: _Chain, order: Sequence[int]) -> int:
        """Go along one chain by its numbers; returns where its last event is."""
        last = order[0]
        self._begin(chain_id, chain, last)
        for place in order[1:]:
            sequence = chain.sequences[place]
            if sequence == chain.sequences[last]:
                if chain.digest(place) == chain.digest(last):
                    self._copies += 1
                else:
                    self._find(
                        "doubled", self._place(chain, place),
                        f"another event {sequence} of chain {chain_id} lies in "
                        f"{self._place(chain, last)}",
                    )  # fmt: skip
                continue
            if sequence != chain.sequences[last] + 1:
                self._find(
                    "missing", self._place(chain, place),
                    f"events {chain.sequences[last] + 1} to {sequence - 1} of chain {chain_id} are "
                    "not there before this one",
                )  # fmt: skip
            elif chain.before(place) != chain.digest(last):
                self._find(
                    "unlinked", self._place(chain, place),
                    f"event {sequence} of chain {chain_id} was not written after the event "
                    f"{sequence - 1} in {self._place(chain, last)}",
                )  # fmt: skip
            last = place
        return last

    def _begin(self, chain_id: str, chain: _Chain, place: int) -> None:
        sequence = chain.sequences[place]
        if sequence != 1:
            if not self._partial:
                self._find(
                    "headless", self._place(chain, place),
                    f"chain {chain_id} begins with event {sequence}; if older ones were deleted on "
                    "purpose, use --partial",
                )  # fmt: skip
        elif chain.before(place).hex() != first_digest(chain_id, key=self._key):
            self._find(
                "unlinked", self._place(chain, place), f"chain {chain_id} has a foreign beginning"
            )

    def _out_of_order(self, chain: _Chain) -> Iterator[int]:
        """Events whose last copy lies behind a later event of the same user."""
        least: dict[int, int] = {}
        seen: set[int] = set()
        # From the end: what comes first there is an event's last copy.
        for place in reversed(range(len(chain.sequences))):
            sequence, user = chain.sequences[place], chain.users[place]
            if user < 0 or sequence in seen:
                continue
            seen.add(sequence)
            if sequence > least.get(user, sequence):
                yield place
            least[user] = min(sequence, least.get(user, sequence))

    def _check_expected(self) -> None:
        for wanted in self._expected:
            chain = self._chains.get(wanted.chain_id)
            digest = bytes.fromhex(wanted.digest)
            found = chain is not None and any(
                chain.digest(place) == digest
                for place, sequence in enumerate(chain.sequences)
                if sequence == wanted.sequence
            )
            if not found:
                self._find(
                    "cut", f"chain {wanted.chain_id}",
                    f"event {wanted.sequence} with digest {wanted.digest} is not there",
                )  # fmt: skip

    def _place(self, chain: _Chain, place: int) -> str:
        source = list(self._sources)[chain.sources[place]]
        return AuditEntry(source, chain.parts[place], chain.numbers[place], None, b"").place

    def _find(self, kind: str, place: str, what: str) -> None:
        if len(self._breaks) < _MOST_FINDINGS:
            self._breaks.append(AuditBreak(kind=kind, place=place, what=what))


def expected_link(text: str) -> Link:
    """A link as ``--expect`` takes it: ``CHAIN:SEQUENCE:DIGEST``.

    Raises:
        ConfigurationError: If it has another form.
    """
    chain_id, _, rest = text.partition(":")
    sequence, _, digest = rest.partition(":")
    is_digest = len(digest) == 64 and set(digest) <= set("0123456789abcdef")
    if not (chain_id and sequence.isdigit() and is_digest):
        raise ConfigurationError(f"--expect: {text[:100]!r} is not CHAIN:SEQUENCE:DIGEST")
    return Link(chain_id, int(sequence), "", digest)
