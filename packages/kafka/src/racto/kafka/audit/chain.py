"""A chain of events, each sealed with the digest of the one before: what is changed or gone shows."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import NamedTuple

from pydantic import SecretStr

from racto.core.errors import ConfigurationError

_SHORTEST_KEY = 16

# How a sealed event ends. Values are matched as they are written below, so that a text of the
# prompt, in which quotation marks are escaped, cannot look like it.
_TAIL = re.compile(
    rb',"chain_id":"([0-9a-f]{1,64})","sequence":([0-9]{1,19}),"previous":"([0-9a-f]{64})"'
    rb'(,"digest":"([0-9a-f]{64})"\})\Z'
)
_LONGEST_TAIL = 400


class Link(NamedTuple):
    """What a sealed event says of its place.

    Attributes:
        chain_id: Which chain.
        sequence: Its place, from 1.
        previous: Digest of the event before.
        digest: Its own.
    """

    chain_id: str
    sequence: int
    previous: str
    digest: str


class AuditChain:
    """Seals events, one after the other; the caller sees to it that they do not overlap.

    Args:
        chain_id: Hexadecimal digits that no other chain has.
        key: A secret of 16 bytes or more. Without one, somebody who may rewrite the whole topic
            can also rewrite the digests; with one, only who knows it.

    Raises:
        ConfigurationError: If the key is too short or the id is not hexadecimal.
    """

    def __init__(self, chain_id: str, *, key: bytes | None = None) -> None:
        if not re.fullmatch("[0-9a-f]{1,64}", chain_id):
            raise ConfigurationError("a chain's id must be 1 to 64 digits of 0-9 and a-f")
        self.chain_id, self._key = chain_id, key
        self.sequence = 0
        self.digest = first_digest(chain_id, key=key)

    def seal(self, event: bytes) -> bytes:
        """An event with its place and its digest as last fields; the chain is one longer.

        Args:
            event: A JSON object with at least one field, as text in UTF-8.
        """
        sequence = self.sequence + 1
        place = f',"chain_id":"{self.chain_id}","sequence":{sequence},"previous":"{self.digest}"'
        # Appended to the text rather than put into the object, so that nothing is written twice.
        body = event[:-1] + place.encode()
        digest = _digest(body, self._key)
        self.sequence, self.digest = sequence, digest
        return body + f',"digest":"{digest}"}}'.encode()

    @property
    def head(self) -> Link:
        """The last event sealed; note it elsewhere, and a cut at the end shows too."""
        return Link(self.chain_id, self.sequence, "", self.digest)

    def back(self, head: Link) -> None:
        """Take back what was sealed since ``head``, because it was not kept."""
        self.sequence, self.digest = head.sequence, head.digest


def link_of(event: bytes) -> Link | None:
    """What a sealed event says of its place; None for one that is not sealed."""
    found = _TAIL.search(event, max(0, len(event) - _LONGEST_TAIL))
    if found is None:
        return None
    chain_id, sequence, previous, _, digest = (part.decode() for part in found.groups())
    return Link(chain_id, int(sequence), previous, digest)


def is_intact(event: bytes, link: Link, *, key: bytes | None = None) -> bool:
    """Whether a sealed event is as it was sealed.

    Args:
        event: The event as it was read, not parsed and written anew.
        link: Its place, as :func:`link_of` read it.
        key: The chain's key.
    """
    # The bytes themselves: written anew, numbers and spaces may come out another way.
    body = event[: -len(f',"digest":"{link.digest}"}}')]
    return hmac.compare_digest(_digest(body, key), link.digest)


def first_digest(chain_id: str, *, key: bytes | None = None) -> str:
    """What stands for the event before the first one."""
    return _digest(f"racto audit chain {chain_id}".encode(), key)


def chain_key(key: SecretStr | str | bytes | None) -> bytes | None:
    """A chain's key as bytes.

    Raises:
        ConfigurationError: If it is shorter than 16 bytes.
    """
    if key is None:
        return None
    if isinstance(key, SecretStr):
        key = key.get_secret_value()
    data = key.encode() if isinstance(key, str) else bytes(key)
    if len(data) < _SHORTEST_KEY:
        raise ConfigurationError(
            f"a chain's key needs {_SHORTEST_KEY} bytes or more, and this one has {len(data)}"
        )
    return data


def _digest(body: bytes, key: bytes | None) -> str:
    if key is None:
        return hashlib.sha256(body).hexdigest()
    return hmac.digest(key, body, "sha256").hex()
