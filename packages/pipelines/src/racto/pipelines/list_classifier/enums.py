"""Enum classes of options of any text: names that Enum reserves are members like all others."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

from racto.core.errors import ConfigurationError


def enum_of(options: Sequence[str], name: str) -> type[Enum]:
    """A class with one member an option, whose name and value are the option's text.

    ``mro``, ``name``, ``__class__`` and whatever else Enum keeps for itself can be looked up by
    ``E["mro"]`` and ``E("mro")``, but not as an attribute, which stays Enum's own.

    Args:
        options: Different texts.
        name: Name of the class.

    Raises:
        ConfigurationError: If an option occurs twice, or ``name`` is no identifier.
    """
    if len(set(options)) != len(options):
        raise ConfigurationError("an option occurs twice; each member of an enum needs its own")
    if not name.isidentifier():
        raise ConfigurationError(f"{name!r} is no name for a class")
    taken = set(options)
    places = {_place(number, option, taken): option for number, option in enumerate(options)}
    make: Any = Enum
    made = make(name, list(places.items()))
    # Enum finds, lists and counts its members by these two, which it documents.
    members = {option: made._member_map_[place] for place, option in places.items()}
    made._member_map_.clear()
    made._member_map_.update(members)
    made._member_names_[:] = list(members)
    for option, member in members.items():
        member._name_ = option
    kind: type[Enum] = made
    return kind


def _place(number: int, option: str, taken: set[str]) -> str:
    """A name under which Enum takes the option: its own where that is free."""
    if not (option.startswith("_") or option in ("name", "value") or hasattr(Enum, option)):
        return option
    place = f"option_{number}"
    while place in taken:
        place += "_"
    return place
