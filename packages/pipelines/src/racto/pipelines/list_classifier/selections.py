"""The options of a pipeline, which may change while it is in use."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

from racto.core.errors import ConfigurationError

from .options import Options, OptionTree, checked, checked_tree, quoted


class Selection(NamedTuple):
    """The options at one moment.

    Attributes:
        options: A checked tuple or tree; an empty tuple after the last was removed, None when
            none were given.
        descriptions: What options mean.
    """

    options: Options | None
    descriptions: Mapping[str, str]


class Selections:
    """Holds the options; each change makes a new snapshot, so that calls see one or the other.

    Args:
        options: A list or a tree; None when each call brings its own.
        descriptions: What options mean.

    Attributes:
        now: The present snapshot; read it once a call.
    """

    def __init__(self, options: Options | None, descriptions: Mapping[str, str] | None) -> None:
        self._lock = threading.Lock()
        self.now = Selection(
            None if options is None else checked_options(options), dict(descriptions or {})
        )

    def replace(self, options: Options) -> None:
        """Take other options.

        Args:
            options: A list or a tree.

        Raises:
            ConfigurationError: If they cannot be told apart.
        """
        checked_ones = checked_options(options)
        with self._lock:
            self.now = self.now._replace(options=checked_ones)

    def add(self, option: str, description: str | None) -> None:
        """Add one at the end.

        Args:
            option: The option.
            description: What it means.

        Raises:
            ConfigurationError: If it is there already, or the options are a tree.
        """
        with self._lock:
            options = checked((*self._listed(), option))
            descriptions = dict(self.now.descriptions)
            if description is not None:
                descriptions[option] = description
            self.now = Selection(options, descriptions)

    def remove(self, option: str) -> None:
        """Take one out, with its description.

        Args:
            option: The option.

        Raises:
            ConfigurationError: If it is not there, or the options are a tree.
        """
        with self._lock:
            before = self._listed()
            if option not in before:
                raise ConfigurationError(f"there is no option {quoted(option)} to remove")
            kept = {name: told for name, told in self.now.descriptions.items() if name != option}
            self.now = Selection(tuple(one for one in before if one != option), kept)

    def _listed(self) -> tuple[str, ...]:
        options: Any = self.now.options
        if isinstance(options, Mapping):
            raise ConfigurationError("the options are a tree; replace it with set_options")
        return options or ()


class OptionHolder:
    """The part of a pipeline that lets its options be changed."""

    _selections: Selections

    def get_options(self) -> list[str] | None:
        """The pipeline's options, those of the first stage for a tree; None when it has none."""
        options = self._selections.now.options
        return None if options is None else list(options)

    def set_options(self, options: Options) -> None:
        """Replace all options; calls under way keep those that they began with.

        Args:
            options: Different texts, or a tree of them.

        Raises:
            ConfigurationError: If they cannot be told apart, or there are none.
        """
        self._selections.replace(options)

    def add_option(self, option: str, description: str | None = None) -> None:
        """Add an option at the end.

        Args:
            option: The option.
            description: What it means.

        Raises:
            ConfigurationError: If it is there already, or the options are a tree.
        """
        self._selections.add(option, description)

    def remove_option(self, option: str) -> None:
        """Take an option out.

        Args:
            option: The option.

        Raises:
            ConfigurationError: If it is not there, or the options are a tree.
        """
        self._selections.remove(option)


def checked_options(options: Options) -> tuple[str, ...] | OptionTree:
    """A checked tuple or tree.

    Raises:
        ConfigurationError: If the options cannot be told apart, or there are none.
    """
    return checked_tree(options) if isinstance(options, Mapping) else checked(options)
