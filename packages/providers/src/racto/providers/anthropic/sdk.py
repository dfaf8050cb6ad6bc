"""The one place that imports the anthropic SDK, at first use."""

from __future__ import annotations

from typing import Any

from racto.core.errors import MissingExtraError


def anthropic() -> Any:
    """The SDK's module.

    Raises:
        MissingExtraError: If it is not installed.
    """
    try:
        import anthropic
    except ImportError as error:
        raise MissingExtraError(
            "anthropic",
            install="racto-providers[anthropic]",
            purpose="talking to Anthropic's API",
        ) from error
    return anthropic
