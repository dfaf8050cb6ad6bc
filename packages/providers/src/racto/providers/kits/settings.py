"""What every kit can be set up with, whoever its provider is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from racto.core.chat import ChatConfig
from racto.core.prompts import RactoPrompt
from racto.core.protocols.caches import ExactCache, SimilarityCache
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Tracer
from racto.core.retries import RetryPolicy
from racto.core.telemetry.hooks import NOOP_METRICS, NOOP_TRACER


class Router(Protocol):
    """Chooses a model for a message."""

    def route(self, text: str) -> str:
        """The model to ask."""
        ...


class Truncator(Protocol):
    """Shortens a history that does not fit a model's context."""

    def truncate(self, chat_config: ChatConfig, model: str) -> ChatConfig:
        """The same config when it fits, else a copy with less history."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KitSettings:
    """Settings of a kit that do not depend on its provider.

    Attributes:
        default_prompt: Prompt for requests that bring neither ``prompt`` nor ``system``.
        exact_cache: Remembers replies by the complete request.
        semantic_cache: Remembers replies by the meaning of a lone question.
        router: Chooses the model when the kit's model is ``auto``.
        truncator: Shortens histories that do not fit.
        tracer: Where spans go.
        metrics: Where measurements go.
        retry: How often to call again after a passing error.
        timeout: Seconds for a whole request, retries, repairs and tool rounds included; None for
            no limit. Of a stream: until its first event.
        scope: Tenant or user that cached replies must not leak out of.
    """

    default_prompt: RactoPrompt | None = None
    exact_cache: ExactCache | None = None
    semantic_cache: SimilarityCache | None = None
    router: Router | None = None
    truncator: Truncator | None = None
    tracer: Tracer = NOOP_TRACER
    metrics: Metrics = NOOP_METRICS
    retry: RetryPolicy = RetryPolicy()  # noqa: RUF009 - frozen
    timeout: float | None = 600.0
    scope: str = ""
