"""What the model says, as a whole response of the API."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from racto.core.logprobs import TokenLogprob
from racto.core.responses import FinishReason
from racto.core.usage import Usage
from racto.testing.replies import Reply

from .calls import base64_of, rendered_calls

_FINISHES = {
    FinishReason.STOP: "STOP",
    # The API has no word of its own for a stop with calls.
    FinishReason.TOOL_CALL: "STOP",
    FinishReason.LENGTH: "MAX_TOKENS",
    FinishReason.CONTEXT_OVERFLOW: "MAX_TOKENS",
    FinishReason.CONTENT_FILTER: "SAFETY",
    FinishReason.REFUSAL: "PROHIBITED_CONTENT",
    FinishReason.PAUSE: "CONTINUATION",
    FinishReason.CANCELLED: "OTHER",
    FinishReason.ERROR: "OTHER",
    FinishReason.UNKNOWN: "FINISH_REASON_UNSPECIFIED",
}
_GROUNDS = ("web", "retrievedContext", "maps", "image")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a response depends on beside the reply.

    Attributes:
        model: The model that was asked.
        settings: The request's ``generationConfig``.
        response_id: Id of the response.
        new_id: Makes ids of calls.
        vertex: Whether Vertex AI answers.
        fragments: Whether a stream sends arguments in fragments.
    """

    model: str
    settings: Mapping[str, Any]
    response_id: str
    new_id: Callable[[], str]
    vertex: bool = False
    fragments: bool = False

    @property
    def shows_thoughts(self) -> bool:
        """Whether thoughts were asked for."""
        return bool(self.settings.get("thinkingConfig", {}).get("includeThoughts"))

    @property
    def alternatives(self) -> int | None:
        """Likeliest tokens to tell at each place; None when no probabilities were asked for."""
        return self.settings.get("logprobs", 0) if self.settings.get("responseLogprobs") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A reply in the API's terms.

    Attributes:
        thoughts: Parts of thinking.
        words: Parts of text.
        calls: Parts with a function call each.
        ending: What a candidate says of its end.
    """

    thoughts: Sequence[dict[str, Any]]
    words: Sequence[dict[str, Any]]
    calls: Sequence[dict[str, Any]]
    ending: dict[str, Any]

    @property
    def parts(self) -> list[dict[str, Any]]:
        """All parts in their order."""
        return [*self.thoughts, *self.words, *self.calls]


def said(reply: Reply, question: Question, *, in_pieces: bool) -> Said:
    """Put a reply into the API's terms.

    Args:
        reply: The reply.
        question: What was asked.
        in_pieces: Whether each piece of text is a part of its own, as in a stream.
    """
    pieces = reply.pieces or ((reply.refusal,) if reply.refusal else ())
    thoughts = reply.thoughts if question.shows_thoughts else ()
    if not in_pieces:
        pieces, thoughts = _joined(pieces), _joined(thoughts)
    words: list[dict[str, Any]] = [{"text": piece} for piece in pieces]
    if words and reply.signature:
        # The signature stands at the end of the words, in a stream too.
        words[-1]["thoughtSignature"] = base64_of(reply.signature)
    calls = rendered_calls(
        reply, new_id=question.new_id, signature=None if words else reply.signature
    )
    return Said(
        thoughts=[{"text": thought, "thought": True} for thought in thoughts],
        words=words,
        calls=calls.parts,
        ending=_ending(reply, question, calls.malformed),
    )


def response(reply: Reply, question: Question) -> dict[str, Any]:
    """A whole response.

    Args:
        reply: What the model says.
        question: What was asked.
    """
    heard = said(reply, question, in_pieces=False)
    candidate: dict[str, Any] = {"content": {"parts": heard.parts, "role": "model"}}
    if not heard.parts:
        # A model that was stopped before its first word has no content.
        candidate = {"content": {"role": "model"}} if heard.ending["finishReason"] == "STOP" else {}
    candidate |= {**heard.ending, **logprobs_fields(reply.logprobs, question)}
    count = question.settings.get("candidateCount", 1)
    # All candidates say the same: a reply is one, however many are asked for.
    candidates = [{**candidate, "index": number} for number in range(count)]
    usage = usage_metadata(reply.usage) if reply.usage else None
    return envelope(reply, question) | {"candidates": candidates} | _given("usageMetadata", usage)


def envelope(reply: Reply, question: Question) -> dict[str, Any]:
    """What all responses, whole or chunks, have in common."""
    return {"modelVersion": reply.model or question.model, "responseId": question.response_id}


def blocked(question: Question, reason: str = "PROHIBITED_CONTENT") -> dict[str, Any]:
    """The response to a prompt that was blocked: no candidates at all.

    Args:
        question: What was asked.
        reason: Why it was blocked.
    """
    usage = usage_metadata(Usage(input_tokens=10))
    return {
        "promptFeedback": {"blockReason": reason},
        "usageMetadata": usage,
        "modelVersion": question.model,
        "responseId": question.response_id,
    }


def usage_metadata(usage: Usage, part: float = 1.0) -> dict[str, Any]:
    """Tokens as the API counts them: cached ones in the prompt, thoughts beside the candidates.

    Args:
        usage: The whole usage.
        part: How much of the output was generated, 0.0 to 1.0.
    """
    # Rounded up: once there is output, its count is never 0.
    thoughts = math.ceil(usage.reasoning_tokens * part)
    words = math.ceil((usage.output_tokens - usage.reasoning_tokens) * part)
    prompt = usage.prompt_tokens
    counts = {
        "promptTokenCount": prompt,
        "candidatesTokenCount": words,
        "totalTokenCount": prompt + words + thoughts,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": prompt}],
    }
    if usage.cache_read_tokens:
        counts["cachedContentTokenCount"] = usage.cache_read_tokens
    if thoughts:
        counts["thoughtsTokenCount"] = thoughts
    return counts


def logprobs_fields(tokens: Sequence[TokenLogprob], question: Question) -> dict[str, Any]:
    """What a candidate tells of the probabilities of tokens; nothing unless it was asked.

    Args:
        tokens: The tokens.
        question: What was asked.
    """
    if not tokens or question.alternatives is None:
        return {}
    total = sum(token.logprob for token in tokens)
    result: dict[str, Any] = {
        "chosenCandidates": [_token(token) for token in tokens],
        "logProbabilitySum": total,
    }
    if most := question.alternatives:
        result["topCandidates"] = [
            {"candidates": [_token(each) for each in token.alternatives[:most]]} for token in tokens
        ]
    return {"avgLogprobs": total / len(tokens), "logprobsResult": result}


def _token(token: TokenLogprob) -> dict[str, Any]:
    return {"token": token.token, "logProbability": token.logprob}


def _ending(reply: Reply, question: Question, malformed: str | None) -> dict[str, Any]:
    finish = reply.raw_finish or _FINISHES[reply.outcome]
    if malformed:
        finish = reply.raw_finish or "MALFORMED_FUNCTION_CALL"
    ending = {"finishReason": finish, **_given("finishMessage", malformed)}
    if finish == "SAFETY":
        rating = {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH"}
        ending["safetyRatings"] = [{**rating, "blocked": True}]
    if finish == "CONTINUATION":
        ending["continuationToken"] = base64_of(question.response_id)
    return ending | _citations(reply, question)


def _citations(reply: Reply, question: Question) -> dict[str, Any]:
    # Sources that were searched and passages that were quoted have places of their own.
    grounds = [dict(each) for each in reply.citations if each.keys() & set(_GROUNDS)]
    quotes = [dict(each) for each in reply.citations if not each.keys() & set(_GROUNDS)]
    found: dict[str, Any] = {}
    if quotes:
        found["citationMetadata"] = {"citations" if question.vertex else "citationSources": quotes}
    if grounds:
        found["groundingMetadata"] = {"groundingChunks": grounds}
    return found


def _joined(pieces: Sequence[str]) -> tuple[str, ...]:
    return ("".join(pieces),) if pieces else ()


def _given(name: str, value: Any) -> dict[str, Any]:
    return {} if value is None else {name: value}
