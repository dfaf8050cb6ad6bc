"""Templates: a request encoded once, and the words of others put into their place in it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from racto.core.chat import ChatConfig
from racto.core.requests import EncodedRequest

_Path: TypeAlias = tuple[str | int, ...]


def templated(
    encode: Callable[[ChatConfig], EncodedRequest], config: ChatConfig
) -> Callable[[str], EncodedRequest] | None:
    """What makes the request of ``config`` with other words.

    Args:
        encode: Shapes requests; the words must decide nothing but themselves.
        config: The request; its ``user_message`` is not used.

    Returns:
        None when the words do not stand in the request exactly once and by themselves.
    """
    # Nobody can have written it into a prompt or a tool.
    mark = f"words-{secrets.token_hex(16)}"
    model = encode(config.model_copy(update={"user_message": mark}))
    places = list(_places(model.body, mark))
    if len(places) != 1 or places[0] is None:
        return None
    path = places[0]

    def filled(words: str) -> EncodedRequest:
        # Providers refuse blank text, and wires leave it out.
        if not words or words.isspace():
            return encode(config.model_copy(update={"user_message": words}))
        return EncodedRequest(
            path=model.path,
            body=_put(model.body, path, words),
            model=model.model,
            dropped=model.dropped,
            headers=model.headers,
        )

    return filled


def _places(value: Any, mark: str, path: _Path = ()) -> Iterator[_Path | None]:
    """Where the mark stands; None for each place where it is only a part."""
    if isinstance(value, str):
        if mark in value:
            yield path if value == mark else None
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _places(inner, mark, (*path, key))
    elif isinstance(value, (list, tuple)):
        for number, inner in enumerate(value):
            yield from _places(inner, mark, (*path, number))


def _put(value: Any, path: _Path, words: str) -> Any:
    """A copy with the words in their place; what is beside the path is shared."""
    if not path:
        return words
    copy: Any = dict(value) if isinstance(value, Mapping) else list(value)
    copy[path[0]] = _put(copy[path[0]], path[1:], words)
    return copy
