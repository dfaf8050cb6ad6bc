"""Options as they are given: checked, told apart, and found again in what a model writes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from racto.core.errors import ConfigurationError

OptionTree: TypeAlias = Mapping[str, Any]
"""Options by what stands above them: below each another tree, a list, or None for a leaf."""

Options: TypeAlias = Sequence[str] | OptionTree
"""What can be chosen from: a list of texts, or a tree of them."""


def checked(options: Sequence[str]) -> tuple[str, ...]:
    """The options, when they can be told apart.

    Options that differ in case alone are different options.

    Args:
        options: Any texts that are not blank.

    Raises:
        ConfigurationError: If there is none, one is no text or blank, or one occurs twice.
    """
    if isinstance(options, str):
        raise ConfigurationError("options is one text; give a list of them")
    found = tuple(options)
    if not found:
        raise ConfigurationError("options is empty; a choice needs at least one")
    for number, option in enumerate(found):
        if not isinstance(option, str) or not option.strip():
            raise ConfigurationError(f"options[{number}] is blank or no text: {option!r:.60}")
    if len(set(found)) != len(found):
        twice = next(option for option in found if found.count(option) > 1)
        raise ConfigurationError(f"the option {quoted(twice)} occurs twice")
    return found


def checked_tree(options: OptionTree) -> OptionTree:
    """A copy of the tree, when each of its levels can be chosen from.

    Args:
        options: Options by what stands above them.

    Raises:
        ConfigurationError: If a level is empty or has an option twice; the message names the
            branch.
    """
    return _checked_level(options, ())


def below(options: OptionTree, option: str) -> OptionTree | tuple[str, ...]:
    """What can be chosen after an option; empty when it is a leaf.

    Args:
        options: One level of a tree.
        option: One of its options.
    """
    inner = options[option]
    if inner is None:
        return ()
    return inner if isinstance(inner, Mapping) else tuple(inner)


def quoted(option: str) -> str:
    """An option as it stands in prompts: between quotes, on one line."""
    return json.dumps(option, ensure_ascii=False)


def _checked_level(tree: OptionTree, path: tuple[str, ...]) -> OptionTree:
    """A copy of a level and of all below it, so that nobody changes it any more."""
    _check_at(path, tuple(tree))
    found: dict[str, OptionTree | Sequence[str] | None] = {}
    for option in tree:
        inner, inside = below(tree, option), (*path, option)
        if inner and isinstance(inner, Mapping):
            found[option] = _checked_level(inner, inside)
        else:
            found[option] = _check_at(inside, tuple(inner)) if inner else None
    return found


def _check_at(path: tuple[str, ...], options: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return checked(options)
    except ConfigurationError as error:
        where = " > ".join(map(str, path)) or "the root of the options"
        raise ConfigurationError(f"at {where}: {error}") from error
