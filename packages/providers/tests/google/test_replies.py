"""What a reply tells beside its words is read without loss."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from google.genai import types
from hypothesis import given, strategies as st

from racto.core import FinishReason, UsageState
from racto.core.content import AudioPart, ImagePart, ProviderPart
from racto.providers.google.replies import (
    read_finish,
    read_logprobs,
    read_other,
    read_sources,
    read_usage,
)

VAGUE = {"FINISH_REASON_UNSPECIFIED", "OTHER"}


@pytest.mark.parametrize("reason", [reason.value for reason in types.FinishReason])
def test_every_finish_reason_of_the_sdk_is_known(reason: str) -> None:
    assert (read_finish(reason) is FinishReason.UNKNOWN) == (reason in VAGUE)


@pytest.mark.parametrize(
    ("raw", "finish"),
    [
        ("STOP", FinishReason.STOP),
        ("MAX_TOKENS", FinishReason.LENGTH),
        ("SAFETY", FinishReason.CONTENT_FILTER),
        ("RECITATION", FinishReason.CONTENT_FILTER),
        ("MODEL_ARMOR", FinishReason.CONTENT_FILTER),
        ("MALFORMED_FUNCTION_CALL", FinishReason.ERROR),
        ("MISSING_THOUGHT_SIGNATURE", FinishReason.ERROR),
        ("CONTINUATION", FinishReason.PAUSE),
        ("SOMETHING_NEW", FinishReason.UNKNOWN),
        (None, FinishReason.UNKNOWN),
    ],
)
def test_finish_reasons(raw: Any, finish: FinishReason) -> None:
    assert read_finish(raw) is finish


def test_usage_comes_in_disjoint_buckets() -> None:
    usage = read_usage(
        {
            "promptTokenCount": 100,
            "cachedContentTokenCount": 80,
            "toolUsePromptTokenCount": 7,
            "candidatesTokenCount": 20,
            "thoughtsTokenCount": 30,
            "totalTokenCount": 157,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 100}],
        }
    )
    assert (usage.input_tokens, usage.cache_read_tokens) == (27, 80)
    assert (usage.output_tokens, usage.reasoning_tokens) == (50, 30)
    assert usage.total_tokens == 157
    assert read_usage({}).state is UsageState.UNKNOWN
    assert read_usage({"promptTokenCount": 1}).state is UsageState.MEASURED


COUNTS = st.integers(-3, 10**6)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: COUNTS | st.none() | st.text(max_size=2)
            for name in (
                "promptTokenCount",
                "cachedContentTokenCount",
                "toolUsePromptTokenCount",
                "candidatesTokenCount",
                "thoughtsTokenCount",
            )
        },
    )
)
def test_any_counts_make_a_usage(counts: dict[str, Any]) -> None:
    usage = read_usage(counts)
    told = counts.get("promptTokenCount")
    used = counts.get("toolUsePromptTokenCount")
    whole = sum(max(0, count) for count in (told, used) if isinstance(count, int))
    assert usage.prompt_tokens == whole


def test_log_probabilities() -> None:
    data = {
        "chosenCandidates": [{"token": "a", "logProbability": -0.5}, {"token": "b"}],
        "topCandidates": [{"candidates": [{"token": "a", "logProbability": -0.5}, {"token": "c"}]}],
    }
    first, second = read_logprobs(data)
    assert (first.token, first.logprob) == ("a", -0.5)
    assert [other.token for other in first.alternatives] == ["a", "c"]
    assert (second.token, second.logprob, second.alternatives) == ("b", 0.0, ())


def test_sources_are_kept_as_google_shapes_them() -> None:
    grounds = {"groundingChunks": [{"web": {"uri": "u"}}], "groundingSupports": [{}]}
    candidate = {
        "citationMetadata": {"citationSources": [{"uri": "a", "startIndex": 1}]},
        "groundingMetadata": grounds,
        "urlContextMetadata": {"urlMetadata": []},
    }
    assert read_sources(candidate) == [
        {"uri": "a", "startIndex": 1},
        {"groundingMetadata": grounds},
        {"urlContextMetadata": {"urlMetadata": []}},
    ]
    assert read_sources({"citationMetadata": {"citations": [{"uri": "b"}]}}) == [{"uri": "b"}]
    assert read_sources({}) == []


def _blob(kind: str, data: str) -> dict[str, Any]:
    return {"inlineData": {"mimeType": kind, "data": data}}


def test_pictures_and_sounds_are_parts() -> None:
    data = base64.b64encode(b"bytes").decode()
    assert read_other(_blob("image/webp", data)) == (
        ImagePart(data=b"bytes", mime_type="image/webp"),
    )
    assert read_other(_blob("audio/L16;rate=24000", data)) == (
        AudioPart(data=b"bytes", mime_type="audio/L16;rate=24000"),
    )
    assert read_other(_blob("image/png", data) | {"thoughtSignature": "s"}) == (
        ImagePart(data=b"bytes"),
        ProviderPart(provider="google", data={"thoughtSignature": "s"}),
    )


@pytest.mark.parametrize(
    "part",
    [
        {"executableCode": {"language": "PYTHON", "code": "1"}, "thoughtSignature": "s"},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
        {"somethingNew": {}},
        _blob("video/mp4", "AAAA"),
        _blob("image/png", "not base64!"),
        {"inlineData": {"mimeType": "image/png"}},
        {"inlineData": None},
        {},
    ],
)
def test_all_else_is_kept_as_it_is(part: dict[str, Any]) -> None:
    assert read_other(part) == (ProviderPart(provider="google", data=part),)
