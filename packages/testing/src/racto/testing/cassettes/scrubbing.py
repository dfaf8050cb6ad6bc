"""Secrets cut out of what is recorded: by header, by field, by their shape, and by their value."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, quote, unquote

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
    r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))(?:"
    r"sk-[A-Za-z0-9_-]{16,}|AIza[A-Za-z0-9_-]{30,}|hf_[A-Za-z0-9]{20,}|pa-[A-Za-z0-9_-]{30,}"
    r"|gh[pousr]_[A-Za-z0-9]{30,}|xox[abprs]-[A-Za-z0-9-]{20,}|ya29\.[A-Za-z0-9._-]{20,}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+"
    r"|(?<=Bearer )[A-Za-z0-9._~+/=-]{12,})"
)
# A line of a stream: the field's name, what it says, and the line's end.
_LINE = re.compile(r"(data: ?|)(.*?)(\r?\n|\Z)")
_UNESCAPED = "[]:@!$&'()*+,;="

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
        "x-goog-upload-url",
        "x-goog-upload-status",
        "x-goog-upload-chunk-granularity",
        "x-goog-upload-size-received",
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
            return self._inside(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {
                name: CUT if isinstance(item, str) and _is_secret_field(name) else self.value(item)
                for name, item in value.items()
            }
        return value

    def event(self, event: str) -> str:
        """An event of a stream without secrets; its line ends and fields stay."""
        return "".join(
            found[1] + self._inside(found[2]) + found[3] for found in _LINE.finditer(event)
        )

    def is_split(self, events: Sequence[str]) -> bool:
        """Whether a secret comes to light when the same field of all events is joined."""
        joined: defaultdict[tuple[object, ...], str] = defaultdict(str)
        for event in events:
            for found in _LINE.finditer(event):
                for place, text in _texts(_parsed(found[2])):
                    joined[place] += text
        return any(self._inside(text) != text for text in joined.values())

    def path(self, path: str) -> str:
        """A path without secrets; the same path is always escaped in the same way."""
        parts = self.text(path).split("/")
        return "/".join(quote(self.text(unquote(part)), safe=_UNESCAPED) for part in parts)

    def query(self, query: str) -> dict[str, str | list[str]]:
        """A query's fields without secrets; a list for one that comes more than once."""
        fields = parse_qs(query, keep_blank_values=True)
        kept = {
            name: [CUT if _plain(name) in _NAMES else self.text(text) for text in texts]
            for name, texts in fields.items()
        }
        return {name: texts[0] if len(texts) == 1 else texts for name, texts in kept.items()}

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers of an answer that a client may want, without secrets."""
        return {
            name.lower(): self.text(value)
            for name, value in headers.items()
            if name.lower() in _KEPT_HEADERS
        }

    def _inside(self, text: str) -> str:
        # Arguments of tools are JSON within a text, whose fields are as telling as others.
        value = _parsed(text)
        if isinstance(value, (dict, list)):
            scrubbed = self.value(value)
            return text if scrubbed == value else json.dumps(scrubbed, ensure_ascii=False)
        return self.text(text)


def _parsed(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _texts(value: Any, *place: object) -> Iterator[tuple[tuple[object, ...], str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, *place, number)
    elif isinstance(value, dict):
        # Events of several types come in turns, each with words of its own.
        for name, item in value.items():
            yield from _texts(item, *place, value.get("type"), name)


def _is_secret_field(name: str) -> bool:
    plain = _plain(name)
    return plain in _NAMES and plain not in _HARMLESS_IN_BODY


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
