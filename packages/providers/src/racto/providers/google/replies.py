"""What a reply tells beside its words: why it ended, what it cost, how sure it was, its sources."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from racto.core.content import AudioPart, ContentPart, ImagePart, ProviderPart
from racto.core.logprobs import TokenLogprob
from racto.core.responses import FinishReason
from racto.core.usage import Usage
from racto.providers.counts import Counts
from racto.providers.words import mended, name_in, objects_in

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


def read_usage(sums: Mapping[str, Any]) -> Usage:
    """Usage in disjoint buckets.

    Google counts cached tokens inside the prompt, what its own tools read beside it, and thoughts
    beside the candidates.

    Args:
        sums: ``usageMetadata`` of a reply; unknown usage when it tells nothing.
    """
    counts = Counts(sums)
    prompt, thoughts = counts.read("promptTokenCount"), counts.read("thoughtsTokenCount")
    # Clamped: a cache that was named may count more tokens than the prompt.
    cached = min(counts.read("cachedContentTokenCount"), prompt)
    return Usage(
        input_tokens=prompt - cached + counts.read("toolUsePromptTokenCount"),
        cache_read_tokens=cached,
        output_tokens=counts.read("candidatesTokenCount") + thoughts,
        reasoning_tokens=thoughts,
        # The protocol leaves zeros out, but no prompt has none.
        state=counts.state("promptTokenCount"),
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
    sources = [*(objects_in(cited, "citationSources") or objects_in(cited, "citations"))]
    grounds = ("groundingMetadata", "urlContextMetadata")
    return sources + [{name: mended(candidate[name])} for name in grounds if candidate.get(name)]


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
        token=name_in(data, "token") or "",
        logprob=data.get("logProbability") or 0.0,
        alternatives=alternatives,
    )
