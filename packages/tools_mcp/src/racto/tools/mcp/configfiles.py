"""Server lists in the JSON files that desktop clients keep, read with their variables filled in."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from racto.core import ConfigurationError

from .configs import MCPClientConfig

# ``mcpServers`` is what most write, ``servers`` what VS Code does.
_SECTIONS = ("mcpServers", "servers")
_VARIABLE = re.compile(r"\$\{(?:env:)?(\w+)(?::-([^}]*))?\}")
_TRANSPORTS = {"http": "streamable-http", "streamable_http": "streamable-http"}
_KNOWN = ("command", "args", "env", "cwd", "url", "headers", "type", "transport", "disabled")


def load_configs(path: str | Path) -> dict[str, MCPClientConfig]:
    """The servers of a configuration file, by name; disabled ones are left out.

    Takes the format of Claude Desktop, Cursor and VS Code: an object ``mcpServers`` (or
    ``servers``) whose entries hold ``command``, ``args``, ``env``, ``cwd``, or ``url``,
    ``headers`` and ``type``. ``${NAME}``, ``${env:NAME}`` and ``${NAME:-default}`` are
    environment variables. Settings of other programs are ignored.

    Args:
        path: The file.

    Raises:
        ConfigurationError: If the file cannot be read, or an entry makes no sense; names both.
    """
    where = Path(path)
    try:
        data = json.loads(where.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{where}: cannot be read as JSON: {error}") from error
    section = next((data[name] for name in _SECTIONS if name in data), None) if data else None
    if not isinstance(section, Mapping):
        raise ConfigurationError(f'{where}: holds no object "mcpServers"')
    return {
        name: _config(entry, name, where)
        for name, entry in section.items()
        if not (isinstance(entry, Mapping) and entry.get("disabled"))
    }


def _config(entry: Any, name: str, where: Path) -> MCPClientConfig:
    if not isinstance(entry, Mapping):
        raise ConfigurationError(f"{where}: server {name!r} is no object")
    given = {key: _filled(value, name, where) for key, value in entry.items() if key in _KNOWN}
    given.pop("disabled", None)
    kind = given.pop("type", None) or given.pop("transport", None)
    given.pop("transport", None)
    if kind is None:
        kind = "stdio" if "command" in given else "streamable-http"
    try:
        return MCPClientConfig(name=name, transport=_TRANSPORTS.get(kind, kind), **given)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(step) for step in fault["loc"])
        raise ConfigurationError(
            f"{where}: server {name!r}{f', {place}' if place else ''}: {fault['msg']}"
        ) from error


def _filled(value: Any, name: str, where: Path) -> Any:
    """A value with its variables replaced, however deep they stand."""
    if isinstance(value, Mapping):
        return {key: _filled(inner, name, where) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, name, where) for inner in value]
    if not isinstance(value, str):
        return value

    def replaced(found: re.Match[str]) -> str:
        text = os.environ.get(found[1], found[2])
        if text is None:
            raise ConfigurationError(
                f"{where}: server {name!r} needs the environment variable {found[1]}, "
                "which is not set"
            )
        return text

    return _VARIABLE.sub(replaced, value)
