"""Tracers and metrics are told the truth: unknown usage is no zero, content only on request."""

from __future__ import annotations

from racto.core import ChatConfig, ChatRequest, LLMResponse, Message, Usage, UsageState
from racto.core.telemetry import RecordingMetrics, RecordingTracer
from racto.providers.kits.observation import chat_observation

REQUEST = ChatRequest(
    provider="p", model="m", system="", config=ChatConfig(user_message="hi", temperature=0.5)
)
USED = Usage(input_tokens=4, cache_read_tokens=2, output_tokens=1, state=UsageState.MEASURED)


def test_usage_that_is_unknown_is_not_recorded_as_nothing() -> None:
    tracer, metrics = RecordingTracer(), RecordingMetrics()
    with chat_observation(REQUEST, tracer, metrics) as observation:
        observation.answered(LLMResponse(content="x"))
    (span,) = tracer.spans
    assert "gen_ai.usage.input_tokens" not in span.attributes
    assert span.attributes["gen_ai.request.temperature"] == 0.5
    assert metrics.values("gen_ai.client.token.usage") == []


def test_a_cached_reply_used_nothing() -> None:
    tracer, metrics = RecordingTracer(), RecordingMetrics()
    with chat_observation(REQUEST, tracer, metrics) as observation:
        observation.cache_answered("exact", hit=True)
        observation.answered(LLMResponse(content="x", usage=USED, cached=True))
    assert metrics.values("gen_ai.client.token.usage") == []
    assert metrics.total("racto.cache.hits") == 1
    assert tracer.spans[0].attributes["racto.cached"] is True


def test_content_is_attached_for_tracers_that_ask() -> None:
    for wanted in (False, True):
        tracer = RecordingTracer(capture_content=wanted)
        with chat_observation(REQUEST, tracer, RecordingMetrics()) as observation:
            observation.conversed([Message.user("secret words")], LLMResponse(content="x"))
            observation.answered(LLMResponse(content="x", usage=USED))
        assert ("secret words" in str(tracer.spans[0].attributes)) is wanted
        assert tracer.spans[0].attributes["gen_ai.usage.input_tokens"] == 6


def test_leaving_a_stream_is_no_failure_and_is_measured_once() -> None:
    tracer, metrics = RecordingTracer(), RecordingMetrics()
    observation = chat_observation(REQUEST, tracer, metrics)
    observation.fail(GeneratorExit())
    observation.finish()
    assert tracer.spans[0].error is None
    assert tracer.spans[0].duration is not None
    assert len(metrics.values("gen_ai.client.operation.duration")) == 1


def test_what_was_used_is_counted_once() -> None:
    metrics = RecordingMetrics()
    with chat_observation(REQUEST, RecordingTracer(), metrics) as observation:
        observation.answered(LLMResponse(content="x", usage=USED))
        observation.used(USED)
    assert sum(metrics.values("gen_ai.client.token.usage")) == 7
