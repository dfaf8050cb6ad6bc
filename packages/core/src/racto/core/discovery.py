"""Plug-ins by name: what installed distributions offer through entry points.

A package offers a store with three lines in its ``pyproject.toml``::

    [project.entry-points."racto.vector_stores"]
    qdrant = "racto.stores.qdrant:QdrantStore"

and ``create("racto.vector_stores", "qdrant", url=...)`` makes one. Nothing is imported before it
is asked for by name. The groups are ``racto.`` and the plural of a protocol: ``chat_kits``,
``embedders``, ``vector_stores``, ``rerankers``, ``retrievers``, ``readers``, ``chunkers``,
``processors``, ``caches``, ``chat_memories``, ``rate_limiters``, ``audit_loggers``, ``engines``,
``job_queues``, ``event_sinks``, ``batches``, ``tool_servers``, ``commands``.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from .errors import ConfigurationError, MissingExtraError, PluginNotFoundError
from .installs import install_line

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def names(group: str) -> list[str]:
    """The names of the plug-ins that are installed for a group, sorted; imports none of them.

    Args:
        group: Entry-point group, with or without its ``racto.``.
    """
    return sorted({entry.name for entry in _entries(_full(group))})


def find(group: str, name: str, *, distribution: str | None = None) -> Any:
    """Import a plug-in and return it, as a rule a class.

    Args:
        group: Entry-point group, with or without its ``racto.``.
        name: Name of the plug-in.
        distribution: The distribution to take it from, when several offer the name.

    Raises:
        PluginNotFoundError: If no installed distribution offers it; the message lists what is
            installed and, for well-known names, the line that installs it.
        MissingExtraError: If the plug-in lacks an optional library and says so itself.
        ConfigurationError: If several distributions offer it, or it cannot be imported.
    """
    entry = _chosen(_full(group), name, distribution)
    try:
        return entry.load()
    except MissingExtraError:
        raise
    except Exception as error:
        raise ConfigurationError(
            f"plug-in {name!r} ({entry.group}) of {_distribution(entry, version=True)} cannot be "
            f"imported from {entry.value}: {type(error).__name__}: {error}"
        ) from error


def create(group: str, name: str, /, **options: Any) -> Any:
    """Import a plug-in and call it.

    Args:
        group: Entry-point group, with or without its ``racto.``.
        name: Name of the plug-in.
        **options: Handed to the plug-in as they are.

    Raises:
        PluginNotFoundError: As :func:`find` does.
        ConfigurationError: As :func:`find` does, and if the plug-in does not take the options.
    """
    import inspect

    made = find(group, name)
    try:
        inspect.signature(made).bind(**options)
    except TypeError as error:
        raise ConfigurationError(
            f"plug-in {name!r} ({_full(group)}) does not take these options: {error}"
        ) from error
    except ValueError:
        # Some compiled classes show no signature; calling them tells.
        return made(**options)
    return made(**options)


def refresh() -> None:
    """Forget what was found, after distributions were installed while the program runs."""
    _entries.cache_clear()


@functools.cache
def _entries(group: str) -> tuple[EntryPoint, ...]:
    # Loading importlib.metadata costs more than all of this module.
    from importlib.metadata import entry_points

    unique: dict[tuple[str, str, str], EntryPoint] = {}
    for entry in entry_points(group=group):
        # An editable install may be listed twice.
        unique.setdefault((entry.name, entry.value, _distribution(entry)), entry)
    return tuple(unique.values())


def _chosen(group: str, name: str, distribution: str | None) -> EntryPoint:
    found = [
        entry
        for entry in _entries(group)
        if entry.name == name and distribution in (None, _distribution(entry))
    ]
    if not found:
        raise _not_found(group, name, distribution)
    if len(found) > 1:
        owners = ", ".join(sorted(_distribution(entry) for entry in found))
        raise ConfigurationError(
            f"plug-in {name!r} ({group}) is offered by several distributions: {owners}; uninstall "
            "one, or choose with find(..., distribution=...)"
        )
    return found[0]


def _not_found(group: str, name: str, distribution: str | None) -> PluginNotFoundError:
    wanted = f" of distribution {distribution!r}" if distribution else ""
    installed = ", ".join(names(group)) or "none"
    advice = install_line(group, name)
    if advice is None:
        import difflib

        close = difflib.get_close_matches(name, names(group), n=1)
        advice = f"did you mean {close[0]!r}?" if close else ""
    else:
        advice = f"Install it: {advice}"
    return PluginNotFoundError(
        f"no plug-in {name!r}{wanted} in {group}. Installed: {installed}. {advice}".rstrip()
    )


def _full(group: str) -> str:
    return group if group.startswith("racto.") else f"racto.{group}"


def _distribution(entry: EntryPoint, *, version: bool = False) -> str:
    if entry.dist is None:
        return "an unknown distribution"
    return f"{entry.dist.name} {entry.dist.version}" if version else entry.dist.name
