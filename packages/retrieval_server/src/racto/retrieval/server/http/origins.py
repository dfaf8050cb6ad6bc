"""Origins: which pages of other sites a browser lets read what this server answers (CORS)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .replies import Reply

_ALLOWED = (
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"Authorization, Content-Type, X-Request-Id, X-Request-Timeout",
    ),
    (b"access-control-max-age", b"600"),
)


class Origins:
    """The origins that may call from a browser; none unless they are named.

    Args:
        allowed: Origins such as ``https://search.example``; ``*`` for all.
    """

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        self._allowed = frozenset(origin.encode("ascii", "replace") for origin in allowed)

    def headers(self, origin: bytes | None) -> tuple[tuple[bytes, bytes], ...]:
        """What a reply says about who may read it.

        Args:
            origin: The header ``Origin`` as it came.
        """
        if not self._allowed or origin is None:
            return ()
        if b"*" in self._allowed:
            return ((b"access-control-allow-origin", b"*"),)
        # Replies differ by origin, and shared caches must know.
        vary = ((b"vary", b"Origin"),)
        if origin not in self._allowed:
            return vary
        return ((b"access-control-allow-origin", origin), *vary)

    def preflight(self, headers: Mapping[bytes, bytes]) -> Reply:
        """Answer the browser's question that comes before a request.

        Args:
            headers: The headers of the question.
        """
        told = self.headers(headers.get(b"origin"))
        known = any(name == b"access-control-allow-origin" for name, _ in told)
        return Reply(status=204, headers=_ALLOWED if known else ())
