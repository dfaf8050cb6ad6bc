"""The one place that imports the openai SDK, at first use."""

from __future__ import annotations

from typing import Any

from racto.core.errors import MissingExtraError


def openai() -> Any:
    """The SDK's module.

    Raises:
        MissingExtraError: If it is not installed.
    """
    try:
        import openai
    except ImportError as error:
        raise MissingExtraError(
            "openai", install="racto-finetune[openai]", purpose="Tuning models at OpenAI"
        ) from error
    return openai
