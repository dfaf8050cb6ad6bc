"""The words in which Ollama tells its errors: plain sentences, and no codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from racto.core.errors import (
    APIConnectionError,
    ContentFilterError,
    ContextLengthError,
    NotFoundError,
    OverloadedError,
    RactoGatewayAuthError,
    RactoGatewayError,
    ServerError,
)
from racto.providers.connections.failures import Translator, Vocabulary

# What a sentence says, as the code that Ollama does not send.
_MEANINGS = {
    re.compile(
        r"(?:longer than|exceed(?:s|ed)?)(?: the)?(?: available| max(?:imum)?)? context "
        r"(?:length|size)",
        re.I,
    ): "overflow",
    # Ollama itself filters nothing; the models that it fetches from elsewhere are filtered there.
    re.compile(
        r"content (?:policy|filter)|moderation|(?:prompt|request) was (?:refused|blocked)", re.I
    ): "filtered",
    re.compile(r"model .{1,300}? (?:not found|does not exist)", re.I): "missing",
    re.compile(r"server busy|maximum pending requests", re.I): "busy",
    re.compile(r"runner|running the model|unable to load|parsing tool call", re.I): "broken",
}

_MODEL = re.compile(r"""model ["']?([^"'\s,]{1,300})["']? not found""", re.IGNORECASE)

OLLAMA_VOCABULARY = Vocabulary(
    telling={"overflow": ContextLengthError, "filtered": ContentFilterError},
    codes={
        "missing": NotFoundError,
        "busy": OverloadedError,
        "broken": ServerError,
        "unauthorized": RactoGatewayAuthError,
    },
    limit=re.compile(r"context (?:length|size)\D{0,3}([\d,]+)", re.IGNORECASE),
    count=re.compile(r"(?:request|prompt|input)\D{0,12}?([\d,]+) tokens", re.IGNORECASE),
    key_advice=(
        "Check api_key= or OLLAMA_API_KEY; the latter is sent to Ollama's own servers alone."
    ),
)


class OllamaTranslator(Translator):
    """Turns Ollama's errors into racto's, and knows what to do about the usual ones."""

    def error_of(self, data: Any) -> Any:
        """The error object in a decoded body: ``{"error": "..."}``, its text unpacked."""
        if not isinstance(data, Mapping) or not data.get("error"):
            return None
        error = data["error"]
        # Errors of the engine below come as JSON inside the sentence.
        if isinstance(error, str) and error.startswith("{"):
            inner = self.error_in(error.encode("utf-8", "replace"))
            return inner or {"message": error}
        return dict(error) if isinstance(error, Mapping) else {"message": str(error)}

    def words(self, facts: Mapping[str, Any]) -> set[str]:
        """The whole message, which is a code where it is a single word."""
        return {self.message(facts).strip().lower()}

    def meanings(self, message: str) -> set[str]:
        """What the sentence says."""
        return {code for pattern, code in _MEANINGS.items() if pattern.search(message)}

    def advice(self, kind: type[RactoGatewayError], message: str) -> str | None:
        """What to do about an error, in Ollama's own commands."""
        if kind is APIConnectionError:
            return "Start the server with `ollama serve`, or name another one with base_url=."
        if kind is ContextLengthError:
            return (
                "Shorten the history, or give the model a larger context: "
                'extra={"options": {"num_ctx": 32768}}.'
            )
        missing = _MODEL.search(message)
        if missing:
            return f"Download the model: `ollama pull {missing[1]}`."
        return super().advice(kind, message)
