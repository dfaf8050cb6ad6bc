"""Tuning jobs for Gemini, which Vertex AI alone has."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .tuner import GeminiFineTuner as GeminiFineTuner

__getattr__, __dir__, __all__ = lazily(__name__, {"tuner": "GeminiFineTuner"})
