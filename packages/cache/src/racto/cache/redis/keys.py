"""Names of keys on Redis: any id stands for itself, and no tenant's key is another's."""

from __future__ import annotations

import re
from hashlib import blake2b
from urllib.parse import quote_from_bytes

_LONGEST_ID = 200

# What an id may hold unquoted besides letters, digits and "_.-~". Not braces, which mark the part
# that decides a key's slot; not "#", which marks a digest.
_PLAIN = " !\"$&'()*+,/:;<=>?@[\\]^`|"

_SPECIAL = re.compile(rb"[*?\[\]\\^-]")


def key(prefix: str, kind: str, id: str, *, slot: str = "id") -> bytes:
    """The key of one thing: ``prefix:kind:{id}``.

    On a cluster all keys of one id lie in one slot, whatever their kind. With ``slot="prefix"`` it
    is ``{prefix}:kind:id``, and all keys under the prefix lie in one slot, so that one script may
    touch several of them.

    Args:
        prefix: Namespace: of a service, a tenant. Any text but the empty one.
        kind: What the key holds: lower-case letters.
        id: Whatever tells things apart; any text. One above 200 bytes is replaced by its digest.
        slot: Which part decides the slot, ``"id"`` or ``"prefix"``.
    """
    head, tail = quoted(prefix), _shortened(id)
    if slot == "prefix":
        return b"{%s}:%s:%s" % (head, kind.encode(), tail)
    return b"%s:%s:{%s}" % (head, kind.encode(), tail)


def pattern(prefix: str, kind: str, *, slot: str = "id") -> bytes:
    """The pattern for SCAN that all keys of a kind under a prefix match, and no others."""
    head = _SPECIAL.sub(rb"\\\g<0>", quoted(prefix))
    if slot == "prefix":
        return b"{%s}:%s:*" % (head, kind.encode())
    return b"%s:%s:{*}" % (head, kind.encode())


def quoted(text: str) -> bytes:
    """The text with braces, ``%``, ``#``, control characters and all but ASCII percent-encoded."""
    # Lone surrogates too: an id that came from somewhere need not be proper text.
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe=_PLAIN).encode()


def _shortened(id: str) -> bytes:
    data = id.encode("utf-8", "surrogatepass")
    if len(data) > _LONGEST_ID:
        return b"#" + blake2b(data, digest_size=20).hexdigest().encode()
    # Redis takes empty braces for no mark at all.
    return quote_from_bytes(data, safe=_PLAIN).encode() or b"%"
