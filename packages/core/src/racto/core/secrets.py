"""Secrets that never print: where keys come from, and how they are kept out of messages."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import SecretStr

MASK = "***"

# Every repetition is possessive or bounded, so that no text can make the search backtrack.
# Patterns are compiled at the first error, not at import: nearly every room imports this one.
_SHAPES = r"""(?x)
    (?P<named>                                            # api_key=..., "password": "..."
        (?i:api[-_]?key|access[-_]?key|private[-_]?key|(?:access|auth|refresh|session)[-_]?token
            |secret|passw(?:or)?d|authorization)
        ["']?+\s*+[:=]\s*+(?i:(?:bearer|basic)\s++)?+
    )
    (?!\*\*\*|(?:None|null|True|False)\b)
    (?P<value>"(?:[^"\\\n]|\\.)*+"?+|'(?:[^'\\\n]|\\.)*+'?+|[^\s"',;&)}]{4,})
    | (?P<scheme>\b(?i:bearer|basic)\s++)                 # a header's value without its name
        (?=[\w.~+/=-]{0,40}[0-9+/=]|[\w.~-]{20})[\w.~+/=-]{8,}+
    | \bsk-[\w-]{8,}+                                     # OpenAI, Anthropic, and many others
    | \b(?:sk|pk|rk)[-_](?:live|test|lf|proj|or)[-_][\w-]{8,}+
    | \b(?:hf|gsk|pcsk|nvapi|xai|pplx|pa|r8|tvly|lsv2)[-_]
        (?=[\w-]{0,40}[0-9]|[A-Za-z]{20})[\w-]{8,}+       # "hf_hub_download" is no key
    | \bAIza[\w-]{16,}+                                   # Google
    | \b(?:gh[pousr]|github_pat)_\w{16,}+
    | \b(?:AKIA|ASIA)[0-9A-Z]{12,}+                       # AWS
    | \beyJ[\w-]{8,}+\.[\w-]{8,}+(?:\.[\w-]*+)?           # JSON web tokens
    """
_URL = r"""(?<=://)[^\s"'<>]++"""


def redact(text: str) -> str:
    """Replace everything in ``text`` that looks like a credential by ``***``.

    Linear in the length of the text, whoever wrote it. In a URL everything between the user's
    name and the last ``@`` counts as the password, which may hold ``/`` and ``@``; when in doubt
    it masks too much. Source of the shapes: the providers' documented key formats.
    """
    if "://" in text:
        text = re.sub(_URL, _mask_userinfo, text)
    return re.sub(_SHAPES, _mask, text)


def _mask_userinfo(found: re.Match[str]) -> str:
    before, at, host = found.group().rpartition("@")
    user, colon, _ = before.partition(":")
    return f"{user}:{MASK}@{host}" if at and colon else found.group()


def _mask(found: re.Match[str]) -> str:
    lead = found.group("named") or found.group("scheme") or ""
    value = found.group("value") or ""
    quote = value[0] if value.startswith(('"', "'")) else ""
    return f"{lead}{quote}{MASK}{quote}"


def resolve_secret(value: SecretStr | str | None, *environment: str) -> SecretStr | None:
    """Return the secret given, or the first one found in the environment variables.

    Args:
        value: The secret, plain or already wrapped; None to look into the environment.
        *environment: Names of variables, in order of preference.

    Returns:
        The wrapped secret, whose repr and str are stars, or None when there is none.
    """
    from pydantic import SecretStr

    if isinstance(value, SecretStr):
        return value
    if value:
        return SecretStr(value)
    # A key that was read from a file often ends in a newline, which no HTTP header may hold.
    found = next(filter(None, (os.environ.get(name, "").strip() for name in environment)), None)
    return SecretStr(found) if found else None
