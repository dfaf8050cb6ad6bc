"""Calls of a model within a run: each with its price noted, failed ones included."""

from __future__ import annotations

from racto.core.chat import ChatConfig
from racto.core.errors import RactoGatewayError
from racto.core.flows import Flow
from racto.core.prompts import RactoPrompt
from racto.core.protocols.caches import ExactCache
from racto.core.protocols.chat import ChatKit
from racto.core.requests import ChatRequest
from racto.core.responses import LLMResponse
from racto.core.usage import Usage

from .drafts import Draft
from .usage import PaidStep
from .voices import ask


def asked(draft: Draft, step: PaidStep, kit: ChatKit, config: ChatConfig) -> Flow[LLMResponse]:
    """Ask a kit, and add what it used to the draft's step.

    Args:
        draft: The run.
        step: Which step pays.
        kit: The kit.
        config: The request.
    """
    try:
        response: LLMResponse = yield from ask(kit, "chat", config)
    except RactoGatewayError as error:
        # Retries within the kit, and replies that came in part, are paid for as well.
        draft.spend(step, error.usage)
        raise
    # What a cache remembers was paid for by whoever asked first.
    draft.spend(step, Usage.nothing() if response.cached else response.usage)
    return response


class ReplyShelf:
    """Replies that led to rows, kept by the whole request that they answered.

    Args:
        cache: Any exact cache; None keeps nothing.
    """

    def __init__(self, cache: ExactCache | None) -> None:
        self._cache = cache

    def find(self, kit: ChatKit, config: ChatConfig) -> Flow[LLMResponse | None]:
        """The reply that led to rows the last time, marked as cached; None without one."""
        if self._cache is None:
            return None
        found: LLMResponse | None = yield from ask(self._cache, "lookup", _request(kit, config))
        return found

    def keep(self, kit: ChatKit, config: ChatConfig, response: LLMResponse) -> Flow[None]:
        """Keep a reply that led to rows; the request is the first one, without its mending."""
        if self._cache is not None and not response.cached:
            yield from ask(self._cache, "remember", _request(kit, config), response)


def _request(kit: ChatKit, config: ChatConfig) -> ChatRequest:
    prompt = config.prompt
    system = prompt.compile() if isinstance(prompt, RactoPrompt) else config.system or ""
    return ChatRequest(provider=kit.provider, model=kit.model, system=system, config=config)
