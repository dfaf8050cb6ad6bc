"""The words in which Anthropic tells its errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from racto.core.errors import (
    BadRequestError,
    ContentFilterError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RactoGatewayAuthError,
    RactoGatewayTimeoutError,
    RateLimitError,
    ServerError,
)
from racto.providers.connections.failures import Translator, Vocabulary

ANTHROPIC_VOCABULARY = Vocabulary(
    telling={
        "billing_error": QuotaExhaustedError,
        # Rate limits by status and type, but waiting does not lift them.
        "contract_spend_limit_reached": QuotaExhaustedError,
        "enforced_spend_limit_reached": QuotaExhaustedError,
        "linked_organization_spend_limit_reached": QuotaExhaustedError,
        "linked_organization_billing_unavailable": QuotaExhaustedError,
        "content_filter": ContentFilterError,
    },
    codes={
        "invalid_request_error": BadRequestError,
        "request_too_large": BadRequestError,
        "authentication_error": RactoGatewayAuthError,
        "permission_error": PermissionDeniedError,
        "not_found_error": NotFoundError,
        "rate_limit_error": RateLimitError,
        "overloaded_error": OverloadedError,
        "timeout_error": RactoGatewayTimeoutError,
        "api_error": ServerError,
    },
    # "prompt is too long: N tokens > M maximum", and
    # "input length and `max_tokens` exceed context limit: N + K > M".
    limit=re.compile(
        r"(?:prompt is too long|exceed context limit)(?:[^>]{0,80}>\s*)?([\d,]*)", re.IGNORECASE
    ),
    count=re.compile(r"(?:prompt is too long|exceed context limit)\D{0,20}([\d,]+)", re.IGNORECASE),
    key_advice=(
        "Check api_key= or ANTHROPIC_API_KEY; the latter is sent to Anthropic's own servers alone."
    ),
)

# Told as plain invalid requests, with no code of their own.
_IN_WORDS = {
    "billing_error": re.compile(
        r"credit balance is too low|reached your specified [\w ]{1,40}usage limits", re.IGNORECASE
    ),
    "content_filter": re.compile(r"blocked by content filtering", re.IGNORECASE),
}


class AnthropicTranslator(Translator):
    """Turns Anthropic's errors into racto's: type, code of the cause, and what is told in words."""

    def words(self, facts: Mapping[str, Any]) -> set[str]:
        """The type of an error, and the code of its cause where there is one."""
        details = facts.get("details")
        code = details.get("error_code") if isinstance(details, Mapping) else None
        return {str(facts.get("type")).lower(), str(code).lower()}

    def meanings(self, message: str) -> set[str]:
        """What an invalid request really is, which its sentence alone tells."""
        return {word for word, pattern in _IN_WORDS.items() if pattern.search(message)}
