"""Thought signatures of function calls: given out, and asked back."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

# Of very many calls the latest are remembered.
_MOST = 10_000
# What Google lets a client send for a call that another model made.
_DUMMIES = ("context_engineering_is_the_way_to_go", "skip_thought_signature_validator")


class Signatures:
    """The signatures that went out with function calls."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}

    def give(self, call: Mapping[str, Any], signature: str) -> None:
        """Remember the signature of a call that goes out."""
        if len(self._given) >= _MOST:
            self._given.pop(next(iter(self._given)))
        self._given[_key(call)] = signature

    def fault(self, contents: Sequence[Mapping[str, Any]]) -> str | None:
        """What is wrong with the signatures that come back; None when nothing is.

        As Google does, only the calls since the user's latest words are looked at.

        Args:
            contents: The conversation, as it was read.
        """
        for number in range(_latest_words(contents), len(contents)):
            for part in contents[number].get("parts", ()):
                given = (
                    self._given.get(_key(part["functionCall"])) if "functionCall" in part else None
                )
                # A call that this server did not make may come from another model: it has no
                # signature.
                if given is None:
                    continue
                back = part.get("thoughtSignature")
                if not back:
                    return _missing(part["functionCall"]["name"], number + 1)
                if back != given and base64.b64decode(back).decode("latin-1") not in _DUMMIES:
                    return "Corrupted thought signature."
        return None


def _key(call: Mapping[str, Any]) -> str:
    # Without an id, as from older models, a call is known by what it says.
    if call.get("id"):
        return f"id {call['id']}"
    return f"call {call.get('name')} {json.dumps(call.get('args', {}), sort_keys=True)}"


def _latest_words(contents: Sequence[Mapping[str, Any]]) -> int:
    for number in range(len(contents) - 1, -1, -1):
        content = contents[number]
        # An answer of a function is the user's turn on the wire, but not the user's words.
        is_answer = any("functionResponse" in part for part in content.get("parts", ()))
        if content.get("role") != "model" and not is_answer:
            return number
    return 0


def _missing(name: str, position: int) -> str:
    return (
        "Function call is missing a thought_signature in functionCall parts. This is required for"
        " tools to work correctly, and missing thought_signature may lead to degraded model"
        f" performance. Additional data, function call `default_api:{name}` , position {position}."
        " Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more"
        " details."
    )
