"""Classes by name: built-in engines and processors, plug-ins, and those of imported files."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from racto.core import discovery
from racto.core.errors import ConfigurationError, PluginNotFoundError
from racto.retrieval.server import engines, processors
from racto.retrieval.server.registry import ProcessorRegistry, Registry


class ClassFinder:
    """Finds classes by the names that a configuration uses.

    Args:
        files: Modules of the files that were imported; their classes come first.
    """

    def __init__(self, files: Sequence[ModuleType] = ()) -> None:
        self._files = tuple(files)

    def engine(self, name: str) -> type[Any]:
        """An engine's class: of an imported file, of a plug-in, or built in.

        Args:
            name: Name of the class or of the plug-in.

        Raises:
            ConfigurationError: If there is none.
        """
        found = self._in_files(name) or getattr(engines, name, None)
        if isinstance(found, type):
            return found
        try:
            plugin: type[Any] = discovery.find("racto.engines", name)
        except PluginNotFoundError as error:
            raise ConfigurationError(
                f"there is no engine {name!r}: not built in, not in file_imports, and no plug-in "
                f"({', '.join(discovery.names('racto.engines')) or 'none is installed'})"
            ) from error
        return plugin

    def processor(self, name: str) -> type[Any]:
        """A processor's class: of an imported file, or built in.

        Args:
            name: Name of the class.

        Raises:
            ConfigurationError: If there is none.
        """
        found = self._in_files(name) or getattr(processors, name, None)
        if not isinstance(found, type):
            raise ConfigurationError(f"there is no processor {name!r}")
        return found

    def _in_files(self, name: str) -> type[Any] | None:
        for module in self._files:
            found = getattr(module, name, None)
            if isinstance(found, type):
                return found
        return None


def imported_file(path: Path, registry: Registry) -> ModuleType:
    """Run a Python file and return it as a module.

    Services that it registers for the process (``auto_register``) go to the registry given, so
    that it can be run again for the next one.

    Args:
        path: The file.
        registry: Where its services go.

    Raises:
        ConfigurationError: If it is not there or raises as it runs.
    """
    # Named by its place, so that two files of one name are two modules.
    digest = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
    spec = importlib.util.spec_from_file_location(f"racto_file_import_{digest}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ConfigurationError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    before = set(ProcessorRegistry.all_services)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ConfigurationError(f"{path} failed: {type(error).__name__}: {error}") from error
    finally:
        new = [name for name in ProcessorRegistry.all_services if name not in before]
        offered = {name: ProcessorRegistry.all_services.pop(name) for name in new}
    for name, roles in offered.items():
        for role, processor in roles.items():
            registry.register(name, role, processor)
    return module
