"""What tracers and metrics are told about a run and its tools; nothing when nobody watches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, copy_context
from typing import Any, TypeAlias

from racto.core.content import ToolCallResult, ToolResultPart
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Span, Tracer
from racto.core.telemetry import conventions as names
from racto.core.telemetry.hooks import NOOP_METRICS, NOOP_TRACER, captures_content, error_type

from .results import AgentResponse

STOP_REASON = "racto.agent.stop_reason"
TURNS = "racto.agent.turns"

# What a tool answered as an error has no exception; the conventions want a word all the same.
_TOOL_ERROR = "tool_error"
# Models invent names of tools, and each would be a series of its own.
_UNKNOWN_TOOL = "_unknown"

Told: TypeAlias = Callable[[ToolResultPart], ToolResultPart]
"""Takes note of a tool's answer and returns it."""


class AgentObservation:
    """One run under observation.

    The span is current in a context of its own, in which the steps of the run go: whoever reads
    a run's events between its steps does not find himself inside the span.

    Args:
        tracer: Where spans go.
        metrics: Where measurements go.
        name: Name of the agent.
        provider: Who is asked.
        model: Which model.

    Attributes:
        is_watched: Whether anybody looks.
        context: The context of the run's steps; None when nobody traces.
    """

    def __init__(
        self, tracer: Tracer, metrics: Metrics, *, name: str, provider: str, model: str
    ) -> None:
        self.is_watched = tracer is not NOOP_TRACER or metrics is not NOOP_METRICS
        self.context: Context | None = None
        self._tracer = tracer
        self._metrics = metrics
        self._span: Span | None = None
        self._started = time.perf_counter()
        self._labels: dict[str, Any] = {
            names.OPERATION_NAME: names.OPERATION_INVOKE_AGENT,
            names.PROVIDER_NAME: provider,
            names.REQUEST_MODEL: model,
            names.AGENT_NAME: name or None,
        }
        if tracer is not NOOP_TRACER:
            title = f"{names.OPERATION_INVOKE_AGENT} {name}".strip()
            self._span = tracer.span(title, kind="internal", attributes=self._labels)
            self.context = copy_context()
            self.context.run(self._span.__enter__)

    @contextmanager
    def tool(self, call: ToolCallResult, *, is_known: bool) -> Iterator[Told]:
        """Observe one call of a tool.

        Args:
            call: The call.
            is_known: Whether there is such a tool.
        """
        labels: dict[str, Any] = {
            names.OPERATION_NAME: names.OPERATION_EXECUTE_TOOL,
            names.TOOL_NAME: call.name if is_known else _UNKNOWN_TOOL,
        }
        facts = {**labels, names.TOOL_NAME: call.name, names.TOOL_CALL_ID: call.id or None}
        title = f"{names.OPERATION_EXECUTE_TOOL} {call.name}"
        started = time.perf_counter()
        with self._tracer.span(title, kind="internal", attributes=facts) as span:

            def told(answer: ToolResultPart) -> ToolResultPart:
                self._describe(span, call, answer)
                if answer.is_error:
                    labels[names.ERROR_TYPE] = _TOOL_ERROR
                return answer

            try:
                yield told
            except BaseException as error:
                labels[names.ERROR_TYPE] = error_type(error)
                raise
            finally:
                spent = time.perf_counter() - started
                self._metrics.record(names.METRIC_OPERATION_DURATION, spent, labels)

    def finish(self, response: AgentResponse) -> None:
        """End the observation of a run that came to an end, whichever."""
        if self._span is not None:
            usage = response.usage
            self._span.set_attributes(
                {
                    STOP_REASON: response.stop_reason.value,
                    TURNS: response.turns,
                    names.USAGE_INPUT_TOKENS: usage.prompt_tokens,
                    names.USAGE_OUTPUT_TOKENS: usage.output_tokens,
                    names.RACTO_COST: usage.cost,
                    names.RACTO_CURRENCY: None if usage.cost is None else usage.currency,
                }
            )
        self._end(None)

    def fail(self, error: BaseException | None) -> None:
        """End the observation of a run that did not come to an end.

        Args:
            error: What broke it; None when its reader left, which is no failure.
        """
        self._end(error)

    def _describe(self, span: Span, call: ToolCallResult, answer: ToolResultPart) -> None:
        if answer.is_error:
            span.set_attribute(names.ERROR_TYPE, _TOOL_ERROR)
        # What is said to tools is as personal as a prompt: nothing of it unless asked for.
        if captures_content(self._tracer):
            span.set_attribute(
                names.TOOL_CALL_ARGUMENTS, call.model_dump_json(include={"arguments"})
            )
            span.set_attribute(names.TOOL_CALL_RESULT, answer.text)

    def _end(self, error: BaseException | None) -> None:
        if not self.is_watched:
            return
        labels = (
            self._labels if error is None else {**self._labels, names.ERROR_TYPE: error_type(error)}
        )
        spent = time.perf_counter() - self._started
        self._metrics.record(names.METRIC_OPERATION_DURATION, spent, labels)
        span, self._span = self._span, None
        if span is not None and self.context is not None:
            kind = None if error is None else type(error)
            self.context.run(span.__exit__, kind, error, None)
