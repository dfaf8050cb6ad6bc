"""Addresses of stores on a command line: a plug-in's name and its options."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from racto.core import discovery
from racto.core.errors import ConfigurationError
from racto.core.protocols.stores import VectorStore

GROUP = "racto.vector_stores"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAddress:
    """Which store is meant, such as ``qdrant:url=http://localhost:6333,collection=docs``.

    Attributes:
        name: Name of the plug-in in the group ``racto.vector_stores``.
        options: What its constructor is called with.
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, text: str) -> StoreAddress:
        """Read an address.

        Values are numbers, ``true``, ``false`` and ``null``, or texts; one that holds a comma is
        written as a JSON string. ``env:NAME`` takes the value of an environment variable, so that
        keys and passwords stand in no history and no list of processes.

        Raises:
            ConfigurationError: If it cannot be read, or a variable is not set.
        """
        name, _, rest = text.partition(":")
        if not name.strip():
            raise ConfigurationError(f"{text!r} names no store; write NAME or NAME:KEY=VALUE,...")
        options: dict[str, Any] = {}
        while rest:
            key, sign, rest = rest.partition("=")
            if not sign or not key.strip().isidentifier():
                raise ConfigurationError(f"{name}: {key!r} is not followed by =VALUE")
            value, rest = _value(rest, name, key)
            options[key.strip()] = value
        return cls(name=name.strip(), options=options)

    def open(self) -> VectorStore:
        """Make the store.

        Raises:
            PluginNotFoundError: If it is not installed; the message holds the install line.
            ConfigurationError: If it does not take the options.
        """
        store: VectorStore = discovery.create(GROUP, self.name, **self.options)
        return store


def _value(rest: str, name: str, key: str) -> tuple[Any, str]:
    if rest.startswith('"'):
        try:
            value, end = json.JSONDecoder().raw_decode(rest)
        except ValueError as error:
            raise ConfigurationError(f"{name}: the value of {key} is no JSON string") from error
        return value, rest[end:].removeprefix(",")
    text, _, rest = rest.partition(",")
    if text.startswith("env:"):
        variable = text.removeprefix("env:")
        found = os.environ.get(variable)
        if found is None:
            raise ConfigurationError(
                f"{name}: {key} wants the variable {variable}, which is not set"
            )
        return found, rest
    try:
        plain = json.loads(text)
    except ValueError:
        return text, rest
    return (plain if plain is None or isinstance(plain, bool | int | float) else text), rest
