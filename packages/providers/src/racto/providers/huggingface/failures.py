"""The words in which Hugging Face's router, TGI and TEI tell their errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from racto.core.errors import (
    BadRequestError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    RactoGatewayError,
    ServerError,
)
from racto.core.retries import parse_retry_after
from racto.providers.connections.failures import Translator, Vocabulary
from racto.providers.openai.failures import OPENAI_VOCABULARY

# The router passes on what inference providers say, and few of them have a code for it.
_FILTERED = re.compile(
    r"content (?:policy|filter)|moderation|(?:prompt|request) was (?:refused|blocked)",
    re.IGNORECASE,
)

HUGGINGFACE_VOCABULARY = Vocabulary(
    # TGI and TEI say 429 when they have no room, whoever asks.
    telling={**OPENAI_VOCABULARY.telling, "overloaded": OverloadedError},
    codes={
        **OPENAI_VOCABULARY.codes,
        "model_not_supported": NotFoundError,
        "model_not_found": NotFoundError,
        "validation": BadRequestError,
        "tokenizer": BadRequestError,
        "generation": ServerError,
        "incomplete_generation": ServerError,
        "backend": ServerError,
    },
    # TGI: "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens".
    limit=re.compile(
        r"(?:must be <=|must have less than|maximum (?:context|model) length"
        r"|context (?:size|window|length))\D{0,40}?([\d,]+)",
        re.IGNORECASE,
    ),
    count=re.compile(
        r"(?:given:|resulted in|requested|messages have|contains|(?:prompt|input) is)"
        r"\D{0,40}?([\d,]+)",
        re.IGNORECASE,
    ),
    key_advice=(
        "Check api_key= or HF_TOKEN; the latter is sent to Hugging Face's own servers alone."
    ),
)


class HuggingFaceTranslator(Translator):
    """Turns errors of the router, and of the servers behind it, into racto's."""

    def error_of(self, data: Any) -> Any:
        """The error object in a decoded body, in whichever of the shapes it comes.

        An object or a sentence under ``error`` with facts beside it, validation errors under
        ``detail``, or the body itself.
        """
        if not isinstance(data, Mapping):
            return None
        if data.get("object") == "error":
            return data
        error = data.get("error") or data.get("detail")
        if not error:
            return None
        beside = {key: value for key, value in data.items() if key not in ("error", "detail")}
        return {**beside, **(error if isinstance(error, Mapping) else {"message": _told(error)})}

    def words(self, facts: Mapping[str, Any]) -> set[str]:
        """The codes of an error object; TGI calls its own ``error_type``."""
        return {*super().words(facts), str(facts.get("error_type")).lower()}

    def meanings(self, message: str) -> set[str]:
        """Whether a filter has refused."""
        return {"content_filter"} if _FILTERED.search(message) else set()

    def wait_in(self, facts: Mapping[str, Any]) -> float | None:
        """Seconds until a model that is being loaded is there."""
        wait = facts.get("estimated_time")
        # As text, because a float cannot hold every number that JSON can.
        return parse_retry_after(str(wait)) if isinstance(wait, (int, float)) else None

    def advice(self, kind: type[RactoGatewayError], message: str) -> str | None:
        """What to do about an error."""
        if kind is PermissionDeniedError:
            return (
                "The token needs the permission to make calls to Inference Providers, and access "
                "to the model where it is gated."
            )
        return super().advice(kind, message)


def _told(error: Any) -> str:
    """Sentences, or validation errors with their places, as one text."""
    if not isinstance(error, list):
        return str(error)
    return "; ".join(
        f"{'.'.join(map(str, each.get('loc', ())))}: {each.get('msg')}"
        if isinstance(each, Mapping)
        else str(each)
        for each in error
    )
