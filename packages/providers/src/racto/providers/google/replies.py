"""What a reply tells beside its words: why it ended, what it cost, how sure it was, its sources."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from racto.core.content import AudioPart, ContentPart, ImagePart, ProviderPart
from racto.core.logprobs import TokenLogprob
from racto.core.responses import FinishReason
from racto.core.usage import Usage, UsageState

from .turns import PROVIDER, SIGNATURE

_FINISHES = {
    "STOP": FinishReason.STOP,
    "MAX_TOKENS": FinishReason.LENGTH,
    # The request goes on with the token that stands beside it.
    "CONTINUATION": FinishReason.PAUSE,
    "SAFETY": FinishReason.CONTENT_FILTER,
    "RECITATION": FinishReason.CONTENT_FILTER,
    "LANGUAGE": FinishReason.CONTENT_FILTER,
    "BLOCKLIST": FinishReason.CONTENT_FILTER,
    "PROHIBITED_CONTENT": FinishReason.CONTENT_FILTER,
    "SPII": FinishReason.CONTENT_FILTER,
    "IMAGE_SAFETY": FinishReason.CONTENT_FILTER,
    "IMAGE_PROHIBITED_CONTENT": FinishReason.CONTENT_FILTER,
    "IMAGE_RECITATION": FinishReason.CONTENT_FILTER,
    "MODEL_ARMOR": FinishReason.CONTENT_FILTER,
    "ESCALATION": FinishReason.CONTENT_FILTER,
    "PUP_LIMITED_DISABLED": FinishReason.CONTENT_FILTER,
    "MALFORMED_FUNCTION_CALL": FinishReason.ERROR,
    "UNEXPECTED_TOOL_CALL": FinishReason.ERROR,
    "TOO_MANY_TOOL_CALLS": FinishReason.ERROR,
    "MALFORMED_RESPONSE": FinishReason.ERROR,
    "MISSING_THOUGHT_SIGNATURE": FinishReason.ERROR,
    "NO_IMAGE": FinishReason.ERROR,
    "IMAGE_OTHER": FinishReason.ERROR,
}


def read_finish(raw: Any) -> FinishReason:
    """The finish reason for Google's word; a word that is not known, or says nothing, is unknown."""
    return _FINISHES.get(raw, FinishReason.UNKNOWN)


def read_usage(counts: Mapping[str, Any]) -> Usage:
    """Usage in disjoint buckets.

    Google counts cached tokens inside the prompt, what its own tools read beside it, and thoughts
    beside the candidates.

    Args:
        counts: ``usageMetadata`` of a reply; unknown usage when it is empty.
    """
    if not counts:
        return Usage()
    prompt, thoughts = _count(counts, "promptTokenCount"), _count(counts, "thoughtsTokenCount")
    # Clamped: a cache that was named may count more tokens than the prompt.
    cached = min(_count(counts, "cachedContentTokenCount"), prompt)
    return Usage(
        input_tokens=prompt - cached + _count(counts, "toolUsePromptTokenCount"),
        cache_read_tokens=cached,
        output_tokens=_count(counts, "candidatesTokenCount") + thoughts,
        reasoning_tokens=thoughts,
        state=UsageState.MEASURED,
    )


def read_logprobs(data: Mapping[str, Any]) -> Iterator[TokenLogprob]:
    """The log-probabilities of the reply's tokens.

    Args:
        data: ``logprobsResult`` of a candidate: the chosen tokens, and beside them the likeliest.
    """
    likeliest = data.get("topCandidates") or ()
    for place, token in enumerate(data.get("chosenCandidates") or ()):
        others = likeliest[place].get("candidates") or () if place < len(likeliest) else ()
        yield _logprob(token, tuple(_logprob(each) for each in others))


def read_sources(candidate: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sources of a candidate: its citations, and what grounds it, as Google shaped them.

    Grounding tells by positions in the whole text which words rest on which pages, so that it is
    kept whole.
    """
    cited = candidate.get("citationMetadata") or {}
    # The two services do not agree on the name.
    sources = [dict(each) for each in cited.get("citationSources") or cited.get("citations") or ()]
    grounds = ("groundingMetadata", "urlContextMetadata")
    return sources + [{name: candidate[name]} for name in grounds if candidate.get(name)]


def read_other(part: Mapping[str, Any]) -> Sequence[ContentPart]:
    """The parts for what is neither text nor a call: media, code that ran, and what is yet to come.

    What racto has no shape for is kept as it is and goes back as it is.
    """
    blob = part.get("inlineData")
    kind = str(blob.get("mimeType", "")) if isinstance(blob, Mapping) else ""
    shape = {"image": ImagePart, "audio": AudioPart}.get(kind.partition("/")[0])
    data = _decoded(blob.get("data")) if isinstance(blob, Mapping) and shape is not None else None
    if shape is None or data is None:
        return (ProviderPart(provider=PROVIDER, data=dict(part)),)
    medium: ContentPart = shape(data=data, mime_type=kind)
    if SIGNATURE not in part:
        return (medium,)
    proof = ProviderPart(provider=PROVIDER, data={SIGNATURE: part[SIGNATURE]})
    return (medium, proof)


def _decoded(data: Any) -> bytes | None:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, TypeError, ValueError):
        return None


def _logprob(data: Mapping[str, Any], alternatives: tuple[TokenLogprob, ...] = ()) -> TokenLogprob:
    # Zero, the logarithm of certainty, is what this protocol leaves out.
    return TokenLogprob(
        token=str(data.get("token") or ""),
        logprob=data.get("logProbability") or 0.0,
        alternatives=alternatives,
    )


def _count(counts: Mapping[str, Any], name: str) -> int:
    value = counts.get(name)
    return max(0, int(value)) if isinstance(value, int | float) else 0
