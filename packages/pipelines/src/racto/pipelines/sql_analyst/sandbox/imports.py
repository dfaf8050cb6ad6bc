"""Imports of analysis code: which modules it may name, and which of their attributes are public."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator
from types import ModuleType

from .vocabulary import LIBRARIES, OFFERS, STANDARD, WITHHELD


def allowed_import(module: str, engine: str) -> Iterator[str]:
    """Say why a module may not be imported; nothing if it may.

    Args:
        module: Its full name.
        engine: The library that the code is written for.
    """
    allowed = LIBRARIES[engine]
    if module not in STANDARD and module not in allowed:
        names = ", ".join(sorted((allowed | STANDARD) - {"__future__"}))
        yield f"{module} may not be imported; these may: {names}"


def module_attribute(module: str, name: str) -> Iterator[str]:
    """Say why an attribute of a module of the standard library is refused; nothing if it is not.

    Args:
        module: Its full name; others than those of the standard library pass.
        name: The attribute.
    """
    if module in STANDARD and name not in _public(module):
        yield f"{module} offers no {name}"


@functools.lru_cache(maxsize=64)
def _public(module: str) -> frozenset[str]:
    """What a module offers: what it lists, or else all that is no module itself."""
    if module in OFFERS:
        return OFFERS[module]
    found = importlib.import_module(module)
    listed = getattr(found, "__all__", None)
    names = listed if listed else [name for name in dir(found) if not name.startswith("_")]
    kept = {name for name in names if not isinstance(getattr(found, name, None), ModuleType)}
    # A submodule that may be imported by name may also be reached by it.
    inner = {full.rpartition(".")[2] for full in STANDARD if full.startswith(f"{module}.")}
    return frozenset(kept | inner) - WITHHELD.get(module, frozenset())
