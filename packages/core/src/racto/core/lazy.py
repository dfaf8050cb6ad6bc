"""Packages whose public names load on first use, so that importing one costs next to nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazily(
    package: str, rooms: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Make the ``__getattr__``, ``__dir__`` and ``__all__`` of a package.

    The package repeats the imports under ``if TYPE_CHECKING:`` for type checkers; a house test
    compares the two.

    Args:
        package: The package's ``__name__``.
        rooms: Public names by module: ``{"chat": "ChatConfig OnUnsupported"}``.
    """
    room_of = {name: room for room, names in rooms.items() for name in names.split()}
    public = sorted(room_of)

    def load(name: str) -> Any:
        room = room_of.get(name)
        if room is None:
            # With name and obj the interpreter can suggest the name that was meant.
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}",
                name=name,
                obj=import_module(package),
            )
        value = getattr(import_module(f"{package}.{room}"), name)
        # Kept in the package, so that the next access does not come here.
        import_module(package).__dict__[name] = value
        return value

    return load, lambda: list(public), public
