"""Keys of callers: kept as digests, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable

from racto.core.errors import ConfigurationError

_DIGEST = re.compile(r"sha256:[0-9a-fA-F]{64}")
_SHORTEST = 8


class KeyRing:
    """The keys that open the server; it holds their digests and never the keys.

    Args:
        keys: Keys, or ``sha256:`` and 64 hexadecimal digits, the digest of one.

    Raises:
        ConfigurationError: If a key is shorter than 8 characters or cannot be sent in a header.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._digests = tuple(_digest_of(key, at) for at, key in enumerate(keys))

    def __len__(self) -> int:
        return len(self._digests)

    def admits(self, authorization: bytes | None) -> bool:
        """Whether a request with this header may pass; everyone may where there are no keys.

        Args:
            authorization: The header ``Authorization`` as it came, bytes of any kind.
        """
        if not self._digests:
            return True
        scheme, _, token = (authorization or b"").partition(b" ")
        if scheme.lower() != b"bearer":
            return False
        # Bytes are hashed and never decoded: a token need not be text to be wrong.
        found = hashlib.sha256(token.strip()).digest()
        # All are compared, so that the time tells nothing about which one came close.
        return sum(hmac.compare_digest(found, known) for known in self._digests) > 0


def _digest_of(key: str, at: int) -> bytes:
    if _DIGEST.fullmatch(key):
        return bytes.fromhex(key.removeprefix("sha256:"))
    if key.startswith("sha256:"):
        # Taken as a key it would lock out everybody who has the right one.
        raise ConfigurationError(f"key {at + 1} must have 64 hexadecimal digits after sha256:")
    # The message names the place and never the key.
    if len(key) < _SHORTEST or not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError(
            f"key {at + 1} must have at least {_SHORTEST} visible ASCII characters"
        )
    return hashlib.sha256(key.encode("ascii")).digest()
