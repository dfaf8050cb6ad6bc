"""Secrets cut out of what is recorded: by header, by field, by their shape, and by their value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

CUT = "[cut]"
"""What stands where a secret stood."""

# Names whose values are secrets wherever they stand, compared without - and _.
_NAMES = frozenset(
    [
        "authorization",
        "proxyauthorization",
        "apikey",
        "xapikey",
        "xgoogapikey",
        "key",
        "token",
        "accesstoken",
        "refreshtoken",
        "idtoken",
        "secret",
        "clientsecret",
        "password",
        "cookie",
        "setcookie",
        "session",
        "sessiontoken",
        "xamzsecuritytoken",
        "openaiorganization",
        "openaiproject",
        "anthropicorganizationid",
        "xgooguserproject",
        "signature",
        "xamzsignature",
    ]
)
# Thinking is signed too; without the signature a recorded conversation could not go on.
_HARMLESS_IN_BODY = frozenset({"signature", "token", "key"})

_SHAPES = re.compile(
    r"sk-[A-Za-z0-9_-]{16,}|AIza[A-Za-z0-9_-]{30,}|hf_[A-Za-z0-9]{20,}|pa-[A-Za-z0-9_-]{30,}"
    r"|gh[pousr]_[A-Za-z0-9]{30,}|xox[abprs]-[A-Za-z0-9-]{20,}|ya29\.[A-Za-z0-9._-]{20,}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+"
    r"|(?<=Bearer )[A-Za-z0-9._~+/=-]{12,}"
)

# Few headers matter to a client; all others are left out, known to be secret or not.
_KEPT_HEADERS = frozenset(
    [
        "content-type",
        "retry-after",
        "retry-after-ms",
        "x-should-retry",
        "x-request-id",
        "request-id",
        "openai-processing-ms",
        "openai-version",
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-tokens-remaining",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-remaining-tokens",
        "x-ratelimit-reset-requests",
        "x-ratelimit-reset-tokens",
    ]
)


class Scrubber:
    """Cuts secrets out of what goes into a file.

    Args:
        secrets: Values that must not be kept, beside those that are known by name or shape.
    """

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        # The longest first: one secret may begin with another.
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def text(self, text: str) -> str:
        """Text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, CUT)
        return _SHAPES.sub(CUT, text)

    def value(self, value: Any) -> Any:
        """A JSON value without secrets: those of telling fields, and those in any text."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {
                name: CUT if isinstance(item, str) and _is_secret_field(name) else self.value(item)
                for name, item in value.items()
            }
        return value

    def query(self, query: Mapping[str, str]) -> dict[str, str]:
        """A query's fields without secrets."""
        return {
            name: CUT if _plain(name) in _NAMES else self.text(value)
            for name, value in query.items()
        }

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers of an answer that a client may want, without secrets."""
        return {
            name.lower(): self.text(value)
            for name, value in headers.items()
            if name.lower() in _KEPT_HEADERS
        }


def _is_secret_field(name: str) -> bool:
    plain = _plain(name)
    return plain in _NAMES and plain not in _HARMLESS_IN_BODY


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
