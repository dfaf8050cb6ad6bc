"""Asks the model until its reply decides something, within the retries that are allowed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from racto.core.chat import ChatConfig
from racto.core.errors import (
    BadRequestError,
    ContextLengthError,
    RactoGatewayError,
    ResponseModelValidationError,
)
from racto.core.flows import Flow
from racto.core.messages import Message
from racto.core.responses import FinishReason, LLMResponse
from racto.core.usage import Usage

from .decisions import Decision, ReplyMisfitError
from .prompts import repair_words
from .results import NO_USAGE, ClassifierUsage
from .settings import SelectionMode
from .voices import Voice

# Another call would bring the same.
_HOPELESS = {
    FinishReason.LENGTH: "it was cut off at max_tokens; allow more tokens",
    FinishReason.REFUSAL: "the model refused",
    FinishReason.CONTENT_FILTER: "the provider's content filter withheld it",
    FinishReason.CONTEXT_OVERFLOW: "the model's context is full; use a shortlist",
}

SPARED = ("logprobs", "temperature")
"""Fields that a classification can go without, where a model refuses them."""


class Attempted(NamedTuple):
    """What asking came to.

    Attributes:
        decision: What was decided.
        reply: The reply that decided it.
        usage: Tokens of all attempts.
    """

    decision: Decision
    reply: LLMResponse
    usage: ClassifierUsage


def attempted(
    chat: Voice,
    config: ChatConfig,
    *,
    mode: SelectionMode,
    max_retries: int,
    read: Callable[[LLMResponse], Decision],
) -> Flow[Attempted]:
    """Ask, read, and ask again with the fault while retries are left.

    Args:
        chat: The kit's ``chat``.
        config: The request.
        mode: One option or several.
        max_retries: How often to ask again.
        read: Reads a reply, or raises ``ReplyMisfitError``.

    Raises:
        ResponseModelValidationError: If no reply decided anything.
        RactoGatewayError: What the kit raises; its usage holds all attempts.
    """
    usage, retries = NO_USAGE, 0
    while True:
        try:
            reply: LLMResponse = yield chat(config)
        except ResponseModelValidationError as error:
            # The kit found no JSON; a bare label is an answer all the same.
            reply = _reply_of(error)
        except RactoGatewayError as error:
            error.usage = _total(usage, error.usage)
            raise
        usage = added(usage, reply.usage)
        try:
            return Attempted(read(reply), reply, usage)
        except ReplyMisfitError as fault:
            if retries >= max_retries or reply.finish_reason in _HOPELESS:
                raise _failure(reply, fault, usage, retries + 1) from fault
            config = _repaired(config, reply, fault, mode)
            retries += 1
            usage = usage.model_copy(update={"retry_count": retries})


def refused_field(error: BadRequestError, config: ChatConfig) -> str | None:
    """The field that a provider refuses and that can be left out; None when it is another fault.

    Args:
        error: What the kit raised.
        config: What was asked.
    """
    if isinstance(error, ContextLengthError):
        return None
    told = error.message.lower().replace("-", "").replace("top_logprobs", "logprobs")
    sent = (name for name in SPARED if getattr(config, name) is not None)
    return next((name for name in sent if name in told), None)


def added(usage: ClassifierUsage, more: Usage) -> ClassifierUsage:
    """The usage of one more call."""
    known = usage.cost is not None or usage is NO_USAGE
    cost = (usage.cost or 0.0) + more.cost if known and more.cost is not None else None
    return ClassifierUsage(
        input_tokens=usage.input_tokens + more.prompt_tokens,
        output_tokens=usage.output_tokens + more.output_tokens,
        retry_count=usage.retry_count,
        cost=cost,
    )


def _total(usage: ClassifierUsage, last: Usage | None) -> Usage | None:
    """All that was used until an error, in the shape that errors carry."""
    if usage is NO_USAGE:
        return last
    before = Usage(
        input_tokens=usage.input_tokens, output_tokens=usage.output_tokens, cost=usage.cost
    )
    return before if last is None else before + last


def _repaired(
    config: ChatConfig, reply: LLMResponse, fault: ReplyMisfitError, mode: SelectionMode
) -> ChatConfig:
    # An empty turn is refused by some providers.
    # The whole exchange so far: a model that sees its own mistake seldom repeats it.
    turns: list[Any] = [*config.history, Message.user(config.user_message)]
    if reply.content:
        turns.append(Message.assistant(reply.content))
    words = repair_words(str(fault), mode)
    return config.model_copy(update={"history": tuple(turns), "user_message": words})


def _reply_of(error: ResponseModelValidationError) -> LLMResponse:
    if isinstance(error.partial, LLMResponse):
        return error.partial
    return LLMResponse(content=error.raw_response, usage=error.usage or Usage())


def _failure(
    reply: LLMResponse, fault: ReplyMisfitError, usage: ClassifierUsage, attempts: int
) -> ResponseModelValidationError:
    why = _HOPELESS.get(reply.finish_reason)
    # Not the fault's own words: they quote the model, and this message goes into logs.
    reason = f"because {why}" if why else f"after {attempts} calls"
    return ResponseModelValidationError(
        f"no reply chose from the options {reason}; raw_response holds the last one",
        attempts=attempts,
        last_error=fault,
        raw_response=reply.content or reply.refusal,
        provider=reply.provider or None,
        request_id=reply.request_id,
        usage=_total(usage, None),
        partial=reply,
    )
