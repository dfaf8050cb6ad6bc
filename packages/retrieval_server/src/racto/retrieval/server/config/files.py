"""Files of configuration: read, filled in from the environment, and checked to the exact place."""

from __future__ import annotations

import difflib
import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from racto.core.errors import ConfigurationError, MissingExtraError

from .schema import HTTPConfig, ServerConfig, ServiceConfig

_LARGEST = 16 * 1024 * 1024
_VARIABLE = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_]\w*)(?::-(?P<default>[^}]*))?\}|\$\{")
_SECTIONS: dict[str, type[BaseModel]] = {"services": ServiceConfig, "http": HTTPConfig}


def read_config(
    source: str | Path, *, environment: Mapping[str, str] | None = None
) -> ServerConfig:
    """Read a configuration.

    Args:
        source: The path of a file that ends with ``.json``, ``.toml``, ``.yaml`` or ``.yml``
            (any other ending is read as JSON), or the JSON text itself.
        environment: What ``${NAME}`` and ``${NAME:-default}`` are taken from; the process's own
            environment by default. ``$${`` stands for ``${``.

    Raises:
        ConfigurationError: If the file cannot be read or is wrong; all mistakes are listed with
            their places, such as ``services[1].batch_size``.
        MissingExtraError: If it is YAML and the library for that is not installed.
    """
    data = _data(source)
    if not isinstance(data, dict):
        raise ConfigurationError("a configuration must be an object at the top")
    missing: list[str] = []
    filled = _filled(data, os.environ if environment is None else environment, "", missing)
    if missing:
        raise ConfigurationError("\n".join(missing))
    try:
        return ServerConfig.model_validate(filled)
    except ValidationError as error:
        raise ConfigurationError("\n".join(map(_problem, error.errors()))) from None


def _data(source: str | Path) -> Any:
    # A text that starts with a brace is the configuration itself; asking the disk for a file of
    # that name fails for long ones.
    if isinstance(source, str) and source.lstrip().startswith("{"):
        return _json(source, "the configuration")
    path = Path(source)
    try:
        if path.stat().st_size > _LARGEST:
            raise ConfigurationError(f"{path} is larger than {_LARGEST:,} bytes")
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error
    if path.suffix == ".toml":
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{path}: {error}") from error
    return _yaml(text, path) if path.suffix in {".yaml", ".yml"} else _json(text, str(path))


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise ConfigurationError(
            f"{name}, line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error
    except RecursionError as error:
        raise ConfigurationError(f"{name} is nested too deeply") from error


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    # The last of two would win in silence.
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ConfigurationError(f"twice in one object: {', '.join(twice)}")
    return found


def _yaml(text: str, path: Path) -> Any:
    try:
        import yaml  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtraError(
            "pyyaml", install="racto-retrieval-server[yaml]", purpose="A configuration in YAML"
        ) from error
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _filled(value: Any, environment: Mapping[str, str], place: str, missing: list[str]) -> Any:
    if isinstance(value, dict):
        return {
            name: _filled(inner, environment, f"{place}.{name}".lstrip("."), missing)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [
            _filled(inner, environment, f"{place}[{at}]", missing) for at, inner in enumerate(value)
        ]
    if not isinstance(value, str) or "${" not in value:
        return value

    def filled(match: re.Match[str]) -> str:
        if match[0] == "$${":
            return "${"
        name = match["name"]
        if name is None:
            missing.append(f"{place}: ${{...}} must hold the name of a variable")
            return ""
        found = environment.get(name, match["default"])
        if found is None:
            missing.append(f"{place}: the environment has no {name}")
        return found or ""

    return _VARIABLE.sub(filled, value)


def _problem(error: Any) -> str:
    location = [part for part in error["loc"] if not str(part).startswith(("str", "dict["))]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    if error["type"] != "extra_forbidden":
        return f"{place.lstrip('.')}: {error['msg']}"
    section = _SECTIONS.get(str(location[0]), ServerConfig) if len(location) > 1 else ServerConfig
    close = difflib.get_close_matches(str(location[-1]), section.model_fields, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{place.lstrip('.')}: there is no such setting{hint}"
