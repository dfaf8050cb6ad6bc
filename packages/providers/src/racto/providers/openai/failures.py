"""The words in which OpenAI, and servers that speak its protocol, tell their errors."""

from __future__ import annotations

import re

from racto.core.errors import (
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    OverloadedError,
    QuotaExhaustedError,
    RactoGatewayAuthError,
    RateLimitError,
    ServerError,
)
from racto.providers.connections.failures import Vocabulary

# Told in mid-stream, where no status says whose fault it was.
_FAULTY_INPUT = (
    "data_residency_mismatch",
    "invalid_image",
    "invalid_image_format",
    "invalid_base64_image",
    "invalid_image_url",
    "invalid_image_mode",
    "image_too_large",
    "image_too_small",
    "image_parse_error",
    "image_file_too_large",
    "image_file_not_found",
    "unsupported_image_media_type",
    "empty_image_file",
    "failed_to_download_image",
)

OPENAI_VOCABULARY = Vocabulary(
    telling={
        "insufficient_quota": QuotaExhaustedError,
        "billing_hard_limit_reached": QuotaExhaustedError,
        "billing_not_active": QuotaExhaustedError,
        "insufficient_balance": QuotaExhaustedError,
        "quota_exceeded": QuotaExhaustedError,
        "payment_required": QuotaExhaustedError,
        "context_length_exceeded": ContextLengthError,
        "string_above_max_length": ContextLengthError,
        "input_too_long": ContextLengthError,
        "content_filter": ContentFilterError,
        "content_policy_violation": ContentFilterError,
        "moderation_blocked": ContentFilterError,
        "image_content_policy_violation": ContentFilterError,
        "misalignment_policy_violation": ContentFilterError,
        "bio_policy": ContentFilterError,
        "invalid_prompt": ContentFilterError,
    },
    codes={
        "overloaded": OverloadedError,
        "overloaded_error": OverloadedError,
        "server_overloaded": OverloadedError,
        "engine_overloaded": OverloadedError,
        "rate_limit_exceeded": RateLimitError,
        "rate_limit_error": RateLimitError,
        "requests": RateLimitError,
        "tokens": RateLimitError,
        "server_error": ServerError,
        "internal_error": ServerError,
        "internal_server_error": ServerError,
        "api_error": ServerError,
        "invalid_api_key": RactoGatewayAuthError,
        "invalid_request_error": BadRequestError,
        "vector_store_timeout": ServerError,
        **dict.fromkeys(_FAULTY_INPUT, BadRequestError),
    },
    # OpenAI, vLLM and llama.cpp: "maximum context length is N tokens ... requested M tokens".
    limit=re.compile(
        r"(?:maximum (?:context|model) length|context (?:size|window|length))\D{0,40}?([\d,]+)",
        re.IGNORECASE,
    ),
    count=re.compile(
        r"(?:resulted in|requested|messages have|contains|prompt is|input is)\D{0,40}?([\d,]+)",
        re.IGNORECASE,
    ),
    key_advice="Check api_key= or OPENAI_API_KEY; the latter is sent to OpenAI's own servers alone.",
)
