"""The words in which Voyage tells its errors: a status, and a sentence under ``detail``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from racto.core.errors import ContextLengthError, RactoGatewayError
from racto.providers.connections.failures import Translator, Vocabulary

VOYAGE_VOCABULARY = Vocabulary(
    # "The max allowed tokens per submitted batch is 120000. Your batch has 122339 tokens", or
    # "does not fit into the model's context window of 32000 tokens".
    limit=re.compile(r"(?:per submitted batch is|context window of)\D{0,20}?([\d,]+)", re.I),
    count=re.compile(r"(?:batch|text|example) has ([\d,]+) tokens", re.IGNORECASE),
    key_advice=(
        "Check api_key= or VOYAGE_API_KEY; the latter is sent to Voyage's own servers alone."
    ),
)


class VoyageTranslator(Translator):
    """Turns Voyage's errors into racto's."""

    def error_of(self, data: Any) -> Any:
        """The error object in a decoded body: ``{"detail": "..."}``."""
        detail = data.get("detail") if isinstance(data, Mapping) else None
        return {"message": str(detail)} if detail else None

    def advice(self, kind: type[RactoGatewayError], message: str) -> str | None:
        """What to do about an error."""
        if kind is ContextLengthError:
            return "Split the text, or let Voyage cut it off with truncation=True."
        return super().advice(kind, message)
