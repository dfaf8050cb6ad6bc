"""The pipeline by its public face: parameters of the reference, both voices, forms of results."""

from __future__ import annotations

import asyncio
import inspect
import json
import math
from typing import Any

import pytest

from racto.core.errors import (
    BadRequestError,
    ConfigurationError,
    PluginNotFoundError,
    RateLimitError,
    ResponseModelValidationError,
)
from racto.core.responses import FinishReason, LLMResponse
from racto.core.testing import ScriptedKit
from racto.core.usage import Usage
from racto.pipelines.list_classifier import (
    AsyncListClassifierPipeline,
    ClassifierResult,
    ListClassifierPipeline,
)

OPTIONS = ["Billing", "Technical Support", "Sales"]


def said(selected: Any, **more: Any) -> str:
    return json.dumps({"selected": selected, **more})


def pipeline(*replies: Any, **settings: Any) -> ListClassifierPipeline:
    settings.setdefault("options", OPTIONS)
    return ListClassifierPipeline(ScriptedKit(replies), **settings)


def test_the_parameters_of_the_reference() -> None:
    wanted = [
        "options",
        "selection_mode",
        "output_format",
        "prompt",
        "temperature",
        "max_tokens",
        "max_retries",
        "include_confidence",
        "include_reasoning",
        "score_all",
        "option_descriptions",
        "fuzzy_fallback",
        "uncertain_label",
        "confidence_threshold",
        "case_sensitive",
        "safe_mode",
        "exact_cache",
        "semantic_cache",
        "audit_logger",
        "tracer",
        "metrics",
        "rate_limiter",
        "memory",
        "user_id",
    ]
    found = inspect.signature(ListClassifierPipeline.__init__).parameters
    assert list(found)[:2] == ["self", "kit"]
    assert list(found)[2 : 2 + len(wanted)] == wanted
    defaults = {name: found[name].default for name in wanted}
    assert defaults["temperature"] == 0.0
    assert (defaults["max_tokens"], defaults["max_retries"]) == (512, 2)
    assert defaults["include_confidence"] is True
    assert defaults["fuzzy_fallback"] is True
    for dialect in (ListClassifierPipeline, AsyncListClassifierPipeline):
        for method in ("run", "arun"):
            assert list(inspect.signature(getattr(dialect, method)).parameters)[1:] == [
                "user_query", "options", "selection_mode", "output_format", "temperature",
                "max_tokens", "confidence_threshold", "session_id", "user_id",
            ]  # fmt: skip


def test_a_choice_with_its_confidence() -> None:
    result = pipeline(said("Billing", confidence=0.9)).run("My invoice is wrong")
    assert isinstance(result, ClassifierResult)
    assert (result.first, result.top_confidence) == ("Billing", 0.9)
    assert result.confidence_source == "model"
    assert result.options_provided == OPTIONS
    assert result.user_query == "My invoice is wrong"
    assert not result.fuzzy_corrected
    assert result.usage.retry_count == 0
    assert result.usage.total_tokens == result.usage.input_tokens + result.usage.output_tokens > 0


@pytest.mark.parametrize("told", [None, "high", True, float("nan")], ids=str)
def test_a_missing_confidence_is_not_certainty(told: Any) -> None:
    result = pipeline(said("Billing", confidence=told)).run("hello")
    assert result.confidences is None
    assert result.confidence_source is None


@pytest.mark.parametrize(("told", "clamped"), [(1.7, 1.0), (-3, 0.0), ("0.25", 0.25)])
def test_confidences_are_clamped(told: Any, clamped: float) -> None:
    assert pipeline(said("Billing", confidence=told)).run("hello").top_confidence == clamped


@pytest.mark.parametrize("told", [62, "62", 5.0, math.inf])
def test_a_confidence_on_another_scale_is_no_certainty(told: Any) -> None:
    result = pipeline(said("Billing", confidence=told)).run("hello")
    assert result.confidences is None
    assert result.confidence_source is None


def test_several_choices_are_ordered_by_confidence() -> None:
    kit = pipeline(
        said(["Sales", "Billing", "Sales"], confidences=[0.4, 0.8, 0.3], reasoning="both"),
        selection_mode="multiple",
        include_reasoning=True,
    )
    result = kit.run("hello")
    assert result.selected == ["Billing", "Sales"]
    assert result.confidences == [0.8, 0.4]
    assert result.reasoning == "both"


def test_forms_of_results() -> None:
    script = [said("Billing", confidence=0.5)] * 3
    one = pipeline(*script, output_format="dict")
    assert one.run("a") == {"selected": ["Billing"], "confidences": [0.5]}
    assert one.run("a", output_format="string") == "Billing"
    assert one.run("a", output_format="pydantic").first == "Billing"


async def both(make: Any, *arguments: Any, **named: Any) -> Any:
    """What a method and its twin return; they must be equal."""
    first, second = make(), make()
    blocking = await asyncio.to_thread(first.run, *arguments, **named)
    assert await second.arun(*arguments, **named) == blocking
    return blocking


def test_both_voices() -> None:
    result = asyncio.run(both(lambda: pipeline(said("nothing"), said("sales")), "hello"))
    assert result.selected == ["Sales"]
    assert result.usage.retry_count == 1


def test_the_async_dialect() -> None:
    async def asked() -> Any:
        one = AsyncListClassifierPipeline(
            ScriptedKit([said("Sales")], repeat=True), options=OPTIONS
        )
        many = await one.batch_run(["a", "b"], output_format="string")
        report = await one.evaluate([("a", "Sales")])
        return (await one.run("hello")).first, (await one.arun("hello")).first, many, report

    first, second, many, report = asyncio.run(asked())
    assert (first, second, many) == ("Sales", "Sales", ["Sales", "Sales"])
    assert report.accuracy == 1.0


def test_retries_tell_the_model_what_was_wrong() -> None:
    kit = ScriptedKit(["I would say it is about money.", said("Refunds"), said("Billing")])
    result = ListClassifierPipeline(kit, options=OPTIONS).run("hello")
    assert result.selected == ["Billing"]
    assert result.usage.retry_count == 2
    last = kit.requests[-1]
    assert [turn.role.value for turn in last.history] == ["user", "assistant"] * 2
    assert last.history[0].text == "hello"
    assert "'Refunds' is none of the options" in last.user_message
    usage = [sum(len(turn.text.split()) for turn in asked.messages()) for asked in kit.requests]
    assert result.usage.input_tokens == sum(usage)


def test_retries_end() -> None:
    with pytest.raises(ResponseModelValidationError, match="after 2 calls") as caught:
        pipeline(*[said("Refunds")] * 9, max_retries=1).run("hello")
    assert caught.value.attempts == 2
    assert caught.value.raw_response == said("Refunds")
    assert caught.value.usage is not None
    # The reply may quote the text, and messages go into logs.
    assert "Refunds" not in str(caught.value)


def test_a_cut_reply_is_not_asked_again() -> None:
    cut = LLMResponse(content='{"selected": "Bil', finish_reason=FinishReason.LENGTH)
    kit = ScriptedKit([cut])
    with pytest.raises(ResponseModelValidationError, match="allow more tokens"):
        ListClassifierPipeline(kit, options=OPTIONS).run("hello")
    assert len(kit.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        said("billing"),
        said(["Billing"]),
        said([{"option": "Billing", "confidence": 0.5}]),
        '```json\n{"selected": "Billing"}\n```',
        'Sure: {"selected": "Billing"}. Anything else?',
        '"Billing"',
        "Billing",
        '["Billing"]',
        '{"label": "Billing"}',
    ],
)
def test_forms_of_replies(reply: str) -> None:
    result = pipeline(reply, max_retries=0).run("hello")
    assert result.selected == ["Billing"]
    assert not result.fuzzy_corrected


def test_a_kit_that_refused_the_reply_is_heard_all_the_same() -> None:
    refused = ResponseModelValidationError(
        "no JSON", attempts=1, last_error=ValueError(), raw_response="Billing",
        usage=Usage(input_tokens=7, output_tokens=1),
    )  # fmt: skip
    result = pipeline(refused, max_retries=0).run("hello")
    assert result.selected == ["Billing"]
    assert result.usage.total_tokens == 8


def test_exactly_one_in_single_mode() -> None:
    with pytest.raises(ResponseModelValidationError):
        pipeline(said(["Billing", "Sales"]), max_retries=0).run("hello")
    assert pipeline(said(["Sales", "Sales"]), max_retries=0).run("hello").selected == ["Sales"]


def test_the_uncertain_label() -> None:
    one = pipeline(said("Other"), uncertain_label="Other", max_retries=0)
    result = one.run("hello")
    assert result.uncertain
    assert result.options_provided == [*OPTIONS, "Other"]
    assert one.get_options() == OPTIONS


def test_arguments_of_a_call_win() -> None:
    kit = ScriptedKit([said("X", confidence=0.1), said(["Y"], confidences=[0.2])])
    one = ListClassifierPipeline(kit, options=OPTIONS, confidence_threshold=0.5)
    result = one.run("hello", options=["X", "Y"], temperature=0.7, max_tokens=9)
    assert result.selected == ["X"]
    assert result.below_threshold
    assert (kit.requests[0].temperature, kit.requests[0].max_tokens) == (0.7, 9)
    again = one.run("hello", options=("Y",), selection_mode="multiple", confidence_threshold=None)
    assert (again.selected, again.below_threshold) == (["Y"], False)


def test_no_options() -> None:
    with pytest.raises(ValueError, match="there are no options"):
        pipeline(options=None).run("hello")
    with pytest.raises(ValueError, match="options is empty"):
        pipeline().run("hello", options=[])


@pytest.mark.parametrize(
    "settings",
    [
        {"options": []},
        {"options": "Billing"},
        {"options": ["a", "a"]},
        {"options": ["a", " "]},
        {"options": {"a": ["b", "b"]}},
        {"selection_mode": "some"},
        {"output_format": "xml"},
        {"temperature": 3.0},
        {"max_tokens": 0},
        {"max_retries": -1},
        {"confidence_threshold": float("nan")},
        {"label_thresholds": {"Sales": 1.5}},
        {"shortlist_size": 0},
        {"uncertain_label": " "},
        {"exact_cache": object()},
        {"audit_logger": object()},
        {"memory": object()},
        {"rate_limiter": object()},
        {"embedder": object()},
    ],
    ids=lambda given: ",".join(given),
)
def test_what_no_call_could_honour(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        pipeline(**settings)


def test_a_kit_without_chat() -> None:
    with pytest.raises(ConfigurationError, match="kit has no method chat"):
        ListClassifierPipeline(object(), options=OPTIONS)


@pytest.mark.parametrize("text", ["", "  \n", None, 7], ids=repr)
def test_what_is_no_text(text: Any) -> None:
    with pytest.raises(ConfigurationError, match="user_query"):
        pipeline(said("Sales")).run(text)


@pytest.mark.parametrize(
    "call",
    [
        {"options": []},
        {"selection_mode": "some"},
        {"output_format": "xml"},
        {"max_tokens": 0},
        {"confidence_threshold": 2.0},
    ],
    ids=str,
)
def test_safe_mode_returns_errors_of_arguments_too(call: dict[str, Any]) -> None:
    one = pipeline(safe_mode=True)
    result = one.run("hello", **call)
    assert result.is_empty
    assert result.error.startswith("ConfigurationError: ")
    assert [each.error for each in one.batch_run(["a", "b"], **call)] == [result.error] * 2


def test_safe_mode_keeps_secrets_to_itself() -> None:
    class Broken:
        def chat(self, config: Any) -> Any:
            raise RuntimeError("no route with api_key=sk-12345678901234567890")

    result = ListClassifierPipeline(Broken(), options=OPTIONS, safe_mode=True).run("hello")
    assert result.error.startswith("RuntimeError: no route")
    assert "sk-1234" not in result.error
    assert result.as_dict() == {"selected": [], "error": result.error}


def test_errors_of_the_kit_are_raised_with_all_usage() -> None:
    kit = pipeline(said("Refunds"), RateLimitError("slow down"))
    with pytest.raises(RateLimitError) as caught:
        kit.run("hello")
    assert caught.value.usage is not None
    assert caught.value.usage.total_tokens > 0


def test_a_field_that_the_model_refuses_is_left_out_from_then_on() -> None:
    def answer(config: Any) -> Any:
        if config.logprobs is not None:
            return BadRequestError("this model does not support top_logprobs")
        if config.temperature is not None:
            return BadRequestError("Unsupported value: 'temperature'")
        return said("Sales")

    kit = ScriptedKit(answer)
    one = ListClassifierPipeline(kit, options=OPTIONS)
    assert one.run("hello").first == "Sales"
    assert len(kit.requests) == 3
    assert one.run("hello").first == "Sales"
    assert len(kit.requests) == 4


def test_other_bad_requests_are_raised() -> None:
    with pytest.raises(BadRequestError, match="too large"):
        pipeline(BadRequestError("schema too large")).run("hello")


def test_from_provider_finds_kits_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}

    def create(group: str, name: str, /, **options: Any) -> Any:
        made.update(options, group=group, name=name)
        return ScriptedKit([said("Sales")])

    monkeypatch.setattr("racto.core.discovery.create", create)
    one = AsyncListClassifierPipeline.from_provider(
        "openai", "gpt-x", api_key="k", options=OPTIONS, max_retries=0
    )
    assert isinstance(one, AsyncListClassifierPipeline)
    assert made == {"group": "racto.chat_kits", "name": "openai", "model": "gpt-x", "api_key": "k"}
    assert asyncio.run(one.run("hello")).first == "Sales"


def test_from_provider_says_what_to_install() -> None:
    with pytest.raises(PluginNotFoundError, match="no plug-in 'openay'"):
        ListClassifierPipeline.from_provider("openay", "gpt-x")


def test_a_kit_with_one_voice() -> None:
    class OnlyAsync:
        async def achat(self, config: Any) -> LLMResponse:
            return LLMResponse(content=said("Sales"))

    class OnlySync:
        def chat(self, config: Any) -> LLMResponse:
            return LLMResponse(content=said("Sales"))

    awaited = ListClassifierPipeline(OnlyAsync(), options=OPTIONS)
    assert asyncio.run(awaited.arun("hello")).first == "Sales"
    with pytest.raises(ConfigurationError, match="use arun"):
        awaited.run("hello")
    blocking = ListClassifierPipeline(OnlySync(), options=OPTIONS)
    assert asyncio.run(blocking.arun("hello")).first == "Sales"


def test_a_kit_is_closed_by_the_pipeline_that_made_it(monkeypatch: pytest.MonkeyPatch) -> None:
    kit = ScriptedKit([said("Sales")] * 2)
    with ListClassifierPipeline(kit, options=OPTIONS) as lent:
        assert lent.run("hello").first == "Sales"
    assert lent.kit is kit
    assert not kit.is_closed
    monkeypatch.setattr("racto.core.discovery.create", lambda *_, **__: kit)

    async def asked() -> None:
        async with ListClassifierPipeline.from_provider("openai", "m", options=OPTIONS) as own:
            await own.arun("hello")

    asyncio.run(asked())
    assert kit.is_closed
