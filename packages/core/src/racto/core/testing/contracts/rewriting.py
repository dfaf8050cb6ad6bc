"""Makes pytest rewrite the suites' assertions, so that a law which fails prints its values."""

from __future__ import annotations

import pkgutil
import sys

from racto.core.errors import MissingExtraError


def register_suites() -> tuple[str, ...]:
    """Mark every suite for rewriting; must run before one of them is imported.

    Returns:
        The full names of the modules that were marked.

    Raises:
        MissingExtraError: If pytest or hypothesis is not installed.
    """
    try:
        import hypothesis  # noqa: F401  (asked for here, so that the message is the same)
        import pytest
    except ImportError as error:
        raise MissingExtraError(
            error.name or "pytest",
            install="racto-core[testing]",
            purpose="Running racto's contract suites",
        ) from error
    package = sys.modules[__package__]
    rooms = (f"{__package__}.{room.name}" for room in pkgutil.iter_modules(package.__path__))
    # Module by module: the package itself is being imported already, and pytest would warn.
    names = tuple(sorted(room for room in rooms if room != __name__))
    pytest.register_assert_rewrite(*names)
    return names


SUITES = register_suites()
"""The modules whose assertions print their values."""
