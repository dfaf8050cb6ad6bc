"""Tuning jobs at OpenAI, and at servers that speak its protocol."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .tuner import OpenAIFineTuner as OpenAIFineTuner

__getattr__, __dir__, __all__ = lazily(__name__, {"tuner": "OpenAIFineTuner"})
