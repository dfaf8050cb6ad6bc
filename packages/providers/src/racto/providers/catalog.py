"""Model names as dated data: what a provider is asked when the caller names no model.

Providers retire models every few months, so no name stands in code. The names come from
``catalog.json`` beside this file; a name that is not in it works just as well.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError


def default_model(provider: str, purpose: str) -> str:
    """The model to use when none is named.

    Args:
        provider: Name of the provider, for example ``openai``.
        purpose: ``chat`` or ``embedding``.

    Raises:
        ConfigurationError: If the catalog names none.
    """
    found = _catalog()["providers"].get(provider, {}).get(purpose)
    if not isinstance(found, str):
        raise ConfigurationError(
            f"the catalog of {catalog_date()} names no {purpose} model of {provider!r}; "
            "give model= yourself"
        )
    return found


def retirement_date(provider: str, model: str) -> str | None:
    """The day on which a provider withdraws a model, as ISO 8601; None when none is known."""
    found = _catalog()["providers"].get(provider, {}).get("retires", {}).get(model)
    return str(found) if found else None


def catalog_date() -> str:
    """The day on which the catalog was last checked, as ISO 8601."""
    return str(_catalog()["as_of"])


@functools.cache
def _catalog() -> dict[str, Any]:
    # Beside this file rather than by importlib.resources, whose import costs more than reading.
    text = Path(__file__).with_suffix(".json").read_text("utf-8")
    catalog: dict[str, Any] = json.loads(text)
    return catalog
