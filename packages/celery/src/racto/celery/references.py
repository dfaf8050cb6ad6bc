"""Tools and response models as a queue can carry them: names, import paths, JSON Schemas."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Mapping
from importlib import import_module
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, model_validator

from racto.core.conformity import problems
from racto.core.errors import ConfigurationError
from racto.core.tools import ToolRegistry


def path_of(model: type[BaseModel]) -> str:
    """The import path of a model, as ``package.module:Model``.

    Raises:
        ConfigurationError: If the model cannot be imported from there.
    """
    path = f"{model.__module__}:{model.__qualname__}"
    found: Any = sys.modules.get(model.__module__)
    for name in model.__qualname__.split("."):
        found = getattr(found, name, None)
    if found is not model or model.__module__ == "__main__":
        raise ConfigurationError(
            f"response_model {path} cannot be imported by a worker; move it to the top level of a "
            "module that is not the main program, or send its JSON Schema"
        )
    return path


def model_at(path: str, *, trusted: Iterable[str] = ()) -> type[BaseModel]:
    """The pydantic model at an import path that came out of a queue.

    Whoever can write to the broker could name any module, and importing one runs it: only those
    that the worker has loaded already, and those it was told to trust, are looked into.

    Args:
        path: ``package.module:Model``.
        trusted: Modules and packages that may be imported for it.

    Raises:
        ConfigurationError: If there is no such model, or its module is not trusted.
    """
    module, colon, name = path.partition(":")
    if module not in sys.modules and not _is_trusted(module, trusted):
        raise ConfigurationError(
            f"response_model {path!r} is in a module that this worker has not loaded; import "
            f"{module!r} where the Celery app is made, or name it in trusted_modules"
        )
    found: Any = _imported(module, path)
    for part in name.split("."):
        found = getattr(found, part, None)
    if not colon or not isinstance(found, type) or not issubclass(found, BaseModel):
        raise ConfigurationError(f"response_model {path!r} is no pydantic model in this worker")
    return found


def model_of_schema(schema: Mapping[str, Any]) -> type[BaseModel]:
    """A model whose instances are the JSON objects that satisfy ``schema``."""
    # Kits send the name along, and providers take plain ones only.
    name = re.sub(r"[^A-Za-z0-9_-]", "_", str(schema.get("title") or ""))[:64] or "Reply"
    # A class of its own for each schema: pydantic keeps what it knows on the class.
    model: type[_SchemaReply] = type(name, (_SchemaReply,), {"__module__": __name__})
    model.reply_schema = dict(schema)
    return model


def chosen_tools(names: Collection[str], registry: ToolRegistry | None) -> ToolRegistry:
    """The tools of these names, taken from the worker's own.

    Raises:
        ConfigurationError: If the worker lacks one of them.
    """
    missing = [name for name in names if registry is None or name not in registry]
    if missing or registry is None:
        known = ", ".join(registry.tools) if registry is not None and len(registry) else "none"
        raise ConfigurationError(
            f"this worker has no tools {missing}; it knows: {known}. Give them as "
            "RactoCeleryWorker(tools=...) where the worker's app is made"
        )
    chosen = registry.copy()
    for name in registry.tools:
        if name not in names:
            chosen.remove(name)
    return chosen


class _SchemaReply(BaseModel):
    """A reply that is held to a JSON Schema instead of to fields."""

    model_config = ConfigDict(extra="allow", frozen=True)
    reply_schema: ClassVar[dict[str, Any]] = {}

    @model_validator(mode="before")
    @classmethod
    def _fits(cls, data: Any) -> Any:
        found = problems(data, cls.reply_schema, path="reply")
        if found:
            raise ValueError("; ".join(found[:8]))
        return data

    @classmethod
    def model_json_schema(cls, *_: Any, **__: Any) -> dict[str, Any]:
        """The schema as it was given."""
        return dict(cls.reply_schema)


def _is_trusted(module: str, trusted: Iterable[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in trusted)


def _imported(module: str, path: str) -> Any:
    try:
        return import_module(module)
    # A module can fail in any way when it is run.
    except Exception as error:
        raise ConfigurationError(
            f"response_model {path!r}: importing {module!r} failed: {type(error).__name__}: {error}"
        ) from error
