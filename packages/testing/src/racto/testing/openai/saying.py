"""What both of OpenAI's chat APIs say in the same way: calls, log-probabilities and usage."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

from racto.core.logprobs import TokenLogprob
from racto.core.usage import Usage
from racto.testing.replies import ToolCall

# A call's arguments arrive in so many pieces, when they have so many characters.
_FRAGMENTS = 4


def arguments_of(call: ToolCall) -> str:
    """The arguments of a call as the model wrote them."""
    if isinstance(call.arguments, str):
        return call.arguments
    return json.dumps(call.arguments, ensure_ascii=False, separators=(",", ":"))


def fragments(text: str) -> list[str]:
    """A text in a few pieces, as a stream sends arguments; none for no text."""
    size = max(1, math.ceil(len(text) / _FRAGMENTS))
    return [text[start : start + size] for start in range(0, len(text), size)]


def logprobs_of(tokens: Sequence[TokenLogprob], most: int) -> list[dict[str, Any]]:
    """Log-probabilities with the likeliest alternatives.

    Args:
        tokens: The tokens of the reply.
        most: How many alternatives were asked for.
    """
    return [
        {**_one(token), "top_logprobs": [_one(other) for other in token.alternatives[:most]]}
        for token in tokens
    ]


def _one(token: TokenLogprob) -> dict[str, Any]:
    return {"token": token.token, "logprob": token.logprob, "bytes": list(token.token.encode())}


def spread(tokens: Sequence[TokenLogprob], pieces: Sequence[str]) -> Iterator[list[TokenLogprob]]:
    """The tokens of each piece of a text; a token stands with the piece in which it begins.

    Args:
        tokens: The tokens of the whole text.
        pieces: The text in pieces.
    """
    # Tokens and pieces need not agree: what is left goes to the last piece, so that none is lost.
    waiting = list(tokens)
    begins = reached = 0
    for number, piece in enumerate(pieces, 1):
        reached += len(piece)
        taken = []
        while waiting and (begins < reached or number == len(pieces)):
            begins += len(waiting[0].token)
            taken.append(waiting.pop(0))
        yield taken


def chat_usage(usage: Usage) -> dict[str, Any]:
    """Usage in the words of Chat Completions."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cache_read_tokens,
            "cache_write_tokens": usage.cache_write_5m_tokens + usage.cache_write_1h_tokens,
            "audio_tokens": 0,
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def response_usage(usage: Usage) -> dict[str, Any]:
    """Usage in the words of Responses; its shorter cache stands for racto's shorter one."""
    short, long = usage.cache_write_5m_tokens, usage.cache_write_1h_tokens
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read_tokens,
            "cache_write_tokens": short + long,
            "cache_write_tokens_details": {"ttl_30m_tokens": short, "ttl_12h_tokens": long},
        },
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.total_tokens,
    }
