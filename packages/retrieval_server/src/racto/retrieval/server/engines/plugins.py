"""The parts that an engine works with, handed in or made by the name under which they are found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core import discovery
from racto.core.errors import ConfigurationError


def part(engine: str, group: str, name: str, given: Any, settings: Mapping[str, Any]) -> Any:
    """A part of an engine: what was handed in, or a plug-in made from the settings.

    Args:
        engine: The engine's name, for messages.
        group: Entry-point group of such parts, such as ``embedders``.
        name: Name of the setting, such as ``embedder``.
        given: The part itself; None to make it from its setting.
        settings: The engine's settings; that of this name is the name of a plug-in, a mapping
            with ``name`` and the plug-in's options, or the part itself.

    Raises:
        ConfigurationError: If nothing was given, or the plug-in does not take its options.
        PluginNotFoundError: If no installed distribution offers the plug-in.
    """
    # Asked by identity: a store that is empty may well be false.
    given = settings.get(name) if given is None else given
    if given is None:
        raise ConfigurationError(
            f"engine {engine!r} needs {name}: hand it in, or name one of "
            f"{', '.join(discovery.names(group)) or 'none installed'} in its settings"
        )
    if isinstance(given, str):
        return discovery.create(group, given)
    if not isinstance(given, Mapping):
        return given
    options = dict(given)
    plugin = options.pop("name", None)
    if not isinstance(plugin, str) or not plugin:
        raise ConfigurationError(
            f"engine {engine!r}: {name} must be the name of a plug-in, or an object with `name`"
        )
    return discovery.create(group, plugin, **options)
