"""Fields of providers' job objects, read without trust: a wrong type is as good as nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from racto.core.errors import InvalidResponseError, JobError

_EMPTY: Mapping[str, Any] = {}


def mapping_of(value: object) -> Mapping[str, Any]:
    """The value when it is an object; an empty one otherwise."""
    return value if isinstance(value, Mapping) else _EMPTY


def text_of(value: object) -> str:
    """The value when it is text; an empty one otherwise.

    Halves of surrogate pairs, which no database takes, become question marks.
    """
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def count_of(value: object) -> int:
    """A number of things, also when it is told as text; 0 otherwise."""
    if isinstance(value, int) and not isinstance(value, bool):
        return max(0, value)
    # No more digits than a number of 64 bits has.
    is_number = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20
    return int(str(value)) if is_number else 0


def moment_of(value: object) -> float:
    """A point in time as Unix seconds, from a number or from RFC 3339; 0.0 otherwise."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        moment = datetime.fromisoformat(text_of(value))
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def checked_id(given: str, pattern: str, *, provider: str, what: str = "job") -> str:
    """An id of a provider's that may stand in an address and in a file's name.

    Args:
        given: The id.
        pattern: What ids of this kind look like.
        provider: Name of the provider.
        what: What it is the id of; a job's comes from the caller, any other from the server.

    Raises:
        JobError: If a job's id is none.
        InvalidResponseError: If any other is none.
    """
    if re.fullmatch(pattern, given):
        return given
    kind = JobError if what == "job" else InvalidResponseError
    raise kind(f"{provider}: {given[:80]!r} is no id of a {what}", provider=provider)
