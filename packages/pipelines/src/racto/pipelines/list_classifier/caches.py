"""The caches of a pipeline: a reply of before, by the whole request or by the nearness of texts.

Options, prompt, schema, model and settings are all part of the request, so other options are
another entry. What is kept is the model's reply, which each caller reads for himself: nobody
gets another one's text, and thresholds may differ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from racto.core.chat import ChatConfig
from racto.core.flows import Flow
from racto.core.requests import ChatRequest
from racto.core.responses import LLMResponse

from .decisions import Decision, ReplyMisfitError
from .results import CacheHit
from .voices import Voice, voice

T = TypeVar("T")


class Found(NamedTuple):
    """What a cache held.

    Attributes:
        decision: What its reply decides.
        hit: Which cache it was.
    """

    decision: Decision
    hit: CacheHit


class ReplyCaches:
    """Asks the exact cache, then the semantic one, and tells both of new replies.

    Args:
        kit: Whose replies they are.
        exact: Keeps ``ExactCache``.
        semantic: Keeps ``SimilarityCache``.
    """

    def __init__(self, kit: Any, *, exact: Any, semantic: Any) -> None:
        self._kit = kit
        self._lookup = self._nearest = None
        self._remember: list[tuple[Voice, CacheHit]] = []
        if exact is not None:
            self._lookup = voice(exact, "lookup", role="exact_cache")
            self._remember.append((voice(exact, "remember", role="exact_cache"), "exact"))
        if semantic is not None:
            self._nearest = voice(semantic, "nearest", role="semantic_cache")
            self._remember.append((voice(semantic, "remember", role="semantic_cache"), "semantic"))

    def find(
        self, config: ChatConfig, scope: str, read: Callable[[LLMResponse], Decision]
    ) -> Flow[Found | None]:
        """A decision of before; None when there is none, or it can no longer be read.

        Args:
            config: The request.
            scope: Who a near text must come from; empty for anybody.
            read: Reads a reply.
        """
        if self._lookup is not None:
            reply = yield self._lookup(self._request(config, ""))
            if reply is not None and (decision := _read(read, reply)) is not None:
                return Found(decision, "exact")
        # Only then: it must embed the text, which costs more than a look into a dictionary.
        if self._nearest is not None:
            hit = yield self._nearest(self._request(config, scope))
            if hit is not None and (decision := _read(read, hit.response)) is not None:
                return Found(decision, "semantic")
        return None

    def keep(self, config: ChatConfig, scope: str, reply: LLMResponse) -> Flow[None]:
        """Remember a reply that decided something.

        Args:
            config: The request.
            scope: As for :meth:`find`.
            reply: The model's reply.
        """
        for remember, kind in self._remember:
            yield remember(self._request(config, scope if kind == "semantic" else ""), reply)

    def _request(self, config: ChatConfig, scope: str) -> ChatRequest:
        return ChatRequest(
            provider=str(getattr(self._kit, "provider", "")),
            model=str(getattr(self._kit, "model", "")),
            system=config.system or "",
            config=config,
            scope=scope,
        )


def _read(read: Callable[[LLMResponse], Decision], reply: LLMResponse) -> Decision | None:
    try:
        return read(reply)
    except ReplyMisfitError:
        # A damaged entry is a miss, and the new reply replaces it.
        return None
