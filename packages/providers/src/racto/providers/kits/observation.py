"""What tracers and metrics are told about a request, from before its first call to its end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from racto.core.messages import Message
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Span, Tracer
from racto.core.requests import ChatRequest
from racto.core.responses import LLMResponse
from racto.core.telemetry import conventions as names
from racto.core.telemetry.hooks import NOOP_METRICS, NOOP_TRACER, captures_content, error_type
from racto.core.usage import Usage, UsageState

if TYPE_CHECKING:
    from racto.providers.routing import RoutingDecision


class Observation:
    """One operation under observation: a span that is open meanwhile, and its measurements.

    ``with`` makes the span current; a stream calls :meth:`finish` or :meth:`fail` instead.

    Args:
        tracer: Where the span goes.
        metrics: Where the measurements go.
        operation: Name of the operation, for example ``chat``.
        provider: Who is asked.
        model: Which model.
        attributes: Facts known before the call.
    """

    def __init__(
        self,
        tracer: Tracer,
        metrics: Metrics,
        *,
        operation: str,
        provider: str,
        model: str,
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        self._tracer = tracer
        self._metrics = metrics
        # Nobody watches most kits, and building attributes for nobody costs microseconds.
        self._is_watched = tracer is not NOOP_TRACER or metrics is not NOOP_METRICS
        self._labels = {
            names.OPERATION_NAME: operation,
            names.PROVIDER_NAME: provider,
            names.REQUEST_MODEL: model,
        }
        self._started = time.perf_counter()
        self._is_over = False
        self._is_charged = False
        self._span: Span = tracer.span(
            f"{operation} {model}", attributes={**self._labels, **(attributes or {})}
        )

    def __enter__(self) -> Observation:
        self._span.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # First, so that span and metric tell the same duration.
        self._measure(error)
        self._span.__exit__(kind, error, trace)

    def retried(self, error: Exception, attempt: int, wait: float) -> None:
        """Note that a call failed and will be made again in ``wait`` seconds."""
        facts = {names.ERROR_TYPE: error_type(error), names.RACTO_ATTEMPT: attempt, "wait": wait}
        self._span.add_event("retry", facts)
        self._metrics.count(names.METRIC_RETRIES, 1, self._labels)

    def cache_answered(self, cache: str, *, hit: bool) -> None:
        """Note what a cache said."""
        metric = names.METRIC_CACHE_HITS if hit else names.METRIC_CACHE_MISSES
        self._metrics.count(metric, 1, {**self._labels, "racto.cache": cache})

    def first_chunk(self) -> None:
        """Note that a stream's first chunk has come."""
        if self._is_watched:
            waited = time.perf_counter() - self._started
            self._metrics.record(names.METRIC_TIME_TO_FIRST_CHUNK, waited, self._labels)

    def conversed(self, messages: list[Message], response: LLMResponse) -> None:
        """Attach what was said, for tracers that opted in."""
        # Prompts are personal data: nothing of them unless the tracer asks.
        if captures_content(self._tracer):
            said = [message.model_dump_json() for message in messages]
            self._span.set_attribute(names.INPUT_MESSAGES, said)
            self._span.set_attribute(names.OUTPUT_MESSAGES, [response.message.model_dump_json()])

    def answered(self, response: LLMResponse) -> None:
        """Note the reply and its usage."""
        if not self._is_watched:
            return
        self._span.set_attributes(
            {
                names.RESPONSE_MODEL: response.model or None,
                names.RESPONSE_ID: response.response_id,
                names.RESPONSE_FINISH_REASONS: [response.finish_reason.value],
                names.RACTO_CACHED: response.cached or None,
                names.RACTO_ATTEMPT: response.attempts,
            }
        )
        # A reply from the cache cost nothing now; its tokens were counted when it was made.
        if not response.cached:
            self.used(response.usage)

    def used(self, usage: Usage) -> None:
        """Note tokens and cost, once an operation; unknown ones are not zeros."""
        if self._is_charged or not self._is_watched or usage.state is UsageState.UNKNOWN:
            return
        self._is_charged = True
        self._span.set_attributes(
            {
                names.USAGE_INPUT_TOKENS: usage.prompt_tokens,
                names.USAGE_OUTPUT_TOKENS: usage.output_tokens,
                names.USAGE_CACHE_READ_TOKENS: usage.cache_read_tokens or None,
                names.RACTO_REASONING_TOKENS: usage.reasoning_tokens or None,
                names.RACTO_COST: usage.cost,
                names.RACTO_CURRENCY: None if usage.cost is None else usage.currency,
            }
        )
        if usage.cost is not None:
            self._metrics.count(names.METRIC_COST, usage.cost, self._labels)
        for side, tokens in (("input", usage.prompt_tokens), ("output", usage.output_tokens)):
            labels = {**self._labels, names.TOKEN_TYPE: side}
            self._metrics.record(names.METRIC_TOKEN_USAGE, tokens, labels)

    def finish(self) -> None:
        """End the observation of a stream."""
        self._measure(None)
        self._span.end()

    def fail(self, error: BaseException) -> None:
        """End the observation of a stream that broke; being closed early is no failure."""
        if not isinstance(error, GeneratorExit):
            self._span.record_error(error)
            self._measure(error)
        self.finish()

    def _measure(self, error: BaseException | None) -> None:
        if self._is_over or not self._is_watched:
            return
        self._is_over = True
        labels = dict(self._labels)
        if error is not None:
            labels[names.ERROR_TYPE] = error_type(error)
        spent = time.perf_counter() - self._started
        self._metrics.record(names.METRIC_OPERATION_DURATION, spent, labels)


def chat_observation(
    request: ChatRequest,
    tracer: Tracer,
    metrics: Metrics,
    *,
    routing: RoutingDecision | None = None,
) -> Observation:
    """Open the observation of a chat request.

    Args:
        request: The resolved request.
        tracer: Where the span goes.
        metrics: Where the measurements go.
        routing: Why the router chose this model.
    """
    config = request.config
    facts = {
        names.REQUEST_MAX_TOKENS: config.max_tokens,
        names.REQUEST_TEMPERATURE: config.temperature,
        names.REQUEST_TOP_P: config.top_p,
        names.REQUEST_SEED: config.seed,
        names.RACTO_ROUTING_SCORE: None if routing is None else routing.score,
        names.RACTO_ROUTING_REASONS: None if routing is None else list(routing.reasons),
        **{f"racto.metadata.{key}": value for key, value in config.metadata.items()},
    }
    return Observation(
        tracer,
        metrics,
        operation=names.OPERATION_CHAT,
        provider=request.provider,
        model=request.model,
        attributes=facts,
    )
