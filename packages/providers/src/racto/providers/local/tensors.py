"""Files of safetensors, opened: they hold numbers alone, so that reading one runs no code."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError, MissingExtraError


def open_tensors(
    path: Path, *, purpose: str, install: str = "racto-providers[local]"
) -> AbstractContextManager[Any]:
    """Open a file of tensors without reading them; the library checks its header.

    Args:
        path: The file.
        purpose: What needs it, for the error.
        install: What to install when the library is missing.

    Returns:
        The library's handle: ``keys()``, ``get_slice(name)`` and ``get_tensor(name)``, to be used
        in a ``with`` block.

    Raises:
        MissingExtraError: If the library is not installed.
        ConfigurationError: If the file cannot be read, or is no file of safetensors.
    """
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        raise MissingExtraError(str(error.name), install=install, purpose=purpose) from error
    try:
        opened: AbstractContextManager[Any] = safe_open(str(path), framework="numpy")
    except (SafetensorError, OSError) as error:
        raise ConfigurationError(
            f"{purpose} cannot read {path} as a file of safetensors: {error}"
        ) from error
    return opened
