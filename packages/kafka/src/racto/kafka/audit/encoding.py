"""An event as the bytes that are stored and sent: JSON, written once, in the caller's thread."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json

from racto.core.errors import BadRequestError

_TEXTS = ("user_id", "model", "prompt", "response")


def now_utc() -> str:
    """This moment in ISO 8601 and UTC, with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def check_texts(fields: Mapping[str, Any]) -> None:
    """See that the fields which must be text are.

    Args:
        fields: An event's.

    Raises:
        BadRequestError: If one is something else; its content is not repeated.
    """
    # By hand: a model that does no more than this costs as much as all the rest of the encoding.
    for name in _TEXTS:
        if not isinstance(fields[name], str):
            raise BadRequestError(
                f"an audit event cannot be made: {name} must be text, not "
                f"{type(fields[name]).__name__}"
            )


def facts_of(metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    """Metadata as a dictionary.

    Raises:
        BadRequestError: If it is no mapping.
    """
    if metadata.__class__ is dict:
        return metadata
    if metadata is None or isinstance(metadata, Mapping):
        return dict(metadata or {})
    raise BadRequestError(f"metadata: must be a mapping, not {type(metadata).__name__}")


def encoded(fields: Mapping[str, Any]) -> bytes:
    """An event as JSON in one line.

    Args:
        fields: An event's, without those of the chain.

    Raises:
        BadRequestError: If the metadata cannot be written as JSON.
    """
    try:
        # Not-a-number has no form in JSON; as text it is kept.
        return to_json(fields, inf_nan_mode="strings")
    except (ValueError, TypeError) as error:
        return _encoded_slowly(fields, error)


def _encoded_slowly(fields: Mapping[str, Any], error: Exception) -> bytes:
    """The same for text that is no Unicode, such as half an emoji that a stream cut off."""
    try:
        metadata = to_json(fields["metadata"], inf_nan_mode="strings")
    except (ValueError, TypeError):
        try:
            metadata = json.dumps(fields["metadata"], allow_nan=False).encode()
        except (ValueError, TypeError, RecursionError):
            raise BadRequestError(
                f"metadata: cannot be written as JSON: {str(error)[:200]}"
            ) from error
    texts = {name: value for name, value in fields.items() if name != "metadata"}
    return json.dumps(texts).encode()[:-1] + b',"metadata":' + metadata + b"}"


def key_of(user_id: str) -> bytes:
    """A user's id as the key of a record."""
    return user_id.encode(errors="backslashreplace")
