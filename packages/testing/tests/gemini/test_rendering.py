"""A reply in the API's terms: parts, finish reasons, citations and probabilities."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from google.genai import types
from hypothesis import given, strategies as st

from racto.core import FinishReason, Usage
from racto.core.logprobs import TokenLogprob
from racto.testing import Reply, ToolCall
from racto.testing.gemini.rendering import Question, blocked, response, usage_metadata


def question(*, vertex: bool = False, **settings: Any) -> Question:
    ids = count(1)
    return Question(
        model="m",
        settings=settings,
        response_id="r",
        new_id=lambda: f"call-{next(ids)}",
        vertex=vertex,
    )


def candidate(reply: Reply, asked: Question | None = None) -> dict[str, Any]:
    (found,) = response(reply, asked or question())["candidates"]
    assert isinstance(found, dict)
    return found


def test_thoughts_are_shown_when_they_were_asked_for() -> None:
    reply = Reply(text="x", thinking=["a", "b"])
    assert candidate(reply)["content"]["parts"] == [{"text": "x"}]
    asked = question(thinkingConfig={"includeThoughts": True})
    thought = {"text": "ab", "thought": True}
    assert candidate(reply, asked)["content"]["parts"] == [thought, {"text": "x"}]


def test_the_signature_stands_on_the_words_or_on_the_first_call() -> None:
    words = candidate(Reply(text="x", signature="sig", tool_calls=[ToolCall(name="f")]))
    assert [part.get("thoughtSignature") for part in words["content"]["parts"]] == ["c2ln", None]
    calls = candidate(Reply(signature="sig", tool_calls=[ToolCall(name="f"), ToolCall(name="g")]))
    assert [part.get("thoughtSignature") for part in calls["content"]["parts"]] == ["c2ln", None]


def test_calls_get_ids_unless_theirs_are_empty() -> None:
    calls = [ToolCall(name="f"), ToolCall(name="g", id="mine"), ToolCall(name="h", id="")]
    parts = candidate(Reply(tool_calls=calls))["content"]["parts"]
    assert [part["functionCall"].get("id") for part in parts] == ["call-1", "mine", None]


def test_arguments_that_are_no_object_are_a_malformed_call() -> None:
    for arguments in ('{"a": ', "[1]"):
        said = candidate(Reply(tool_calls=[ToolCall(name="f", arguments=arguments)]))
        assert said["finishReason"] == "MALFORMED_FUNCTION_CALL"
        assert said["finishMessage"] == f"Malformed function call: f({arguments})"
        assert "content" not in said


@pytest.mark.parametrize(
    ("reply", "finish"),
    [
        (Reply(text="x"), "STOP"),
        (Reply(tool_calls=[ToolCall(name="f")]), "STOP"),
        (Reply(text="x", finish=FinishReason.LENGTH), "MAX_TOKENS"),
        (Reply(finish=FinishReason.CONTENT_FILTER), "SAFETY"),
        (Reply(refusal="no"), "PROHIBITED_CONTENT"),
        (Reply(finish=FinishReason.ERROR), "OTHER"),
        (Reply(raw_finish="MISSING_THOUGHT_SIGNATURE"), "MISSING_THOUGHT_SIGNATURE"),
    ],
)
def test_each_outcome_has_a_reason(reply: Reply, finish: str) -> None:
    assert candidate(reply)["finishReason"] == finish
    assert finish in {reason.value for reason in types.FinishReason}


def test_every_outcome_is_a_reason_that_the_client_knows() -> None:
    known = {reason.value for reason in types.FinishReason}
    for outcome in FinishReason:
        assert candidate(Reply(finish=outcome))["finishReason"] in known


def test_a_model_that_was_stopped_has_no_content_and_a_rating() -> None:
    said = candidate(Reply(finish=FinishReason.CONTENT_FILTER))
    assert "content" not in said
    assert said["safetyRatings"][0]["blocked"] is True
    assert candidate(Reply())["content"] == {"role": "model"}


def test_words_of_a_refusal_are_words() -> None:
    assert candidate(Reply(refusal="no"))["content"]["parts"] == [{"text": "no"}]


def test_sources_stand_where_each_api_has_them() -> None:
    quote, ground = {"uri": "http://a", "startIndex": 1}, {"web": {"uri": "http://b"}}
    reply = Reply(text="x", citations=[quote, ground])
    here = candidate(reply)
    assert here["citationMetadata"] == {"citationSources": [quote]}
    assert here["groundingMetadata"] == {"groundingChunks": [ground]}
    assert candidate(reply, question(vertex=True))["citationMetadata"] == {"citations": [quote]}


def test_probabilities_are_told_when_they_were_asked_for() -> None:
    best = TokenLogprob(token="a", logprob=-0.5)
    token = TokenLogprob(token="a", logprob=-0.5, alternatives=(best, best, best))
    reply = Reply(text="a", logprobs=[token])
    assert "logprobsResult" not in candidate(reply)
    assert (
        "topCandidates" not in candidate(reply, question(responseLogprobs=True))["logprobsResult"]
    )
    said = candidate(reply, question(responseLogprobs=True, logprobs=2))
    one = {"token": "a", "logProbability": -0.5}
    assert said["avgLogprobs"] == -0.5
    assert said["logprobsResult"] == {
        "chosenCandidates": [one],
        "logProbabilitySum": -0.5,
        "topCandidates": [{"candidates": [one, one]}],
    }


def test_several_candidates_say_the_same() -> None:
    said = response(Reply(text="x"), question(candidateCount=3))["candidates"]
    assert [each["index"] for each in said] == [0, 1, 2]


def test_a_blocked_prompt_tells_why() -> None:
    assert blocked(question(), "SAFETY")["promptFeedback"] == {"blockReason": "SAFETY"}


@given(
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.lists(st.floats(0, 1), min_size=2, max_size=5).map(sorted),
)
def test_counts_add_up_and_never_shrink(
    prompt: int, cached: int, output: int, parts: list[float]
) -> None:
    usage = Usage(
        input_tokens=prompt,
        cache_read_tokens=cached,
        output_tokens=output,
        reasoning_tokens=output // 3,
    )
    told = [usage_metadata(usage, part) for part in [*parts, 1.0]]
    for each in told:
        assert each["promptTokenCount"] == prompt + cached
        spent = each["candidatesTokenCount"] + each.get("thoughtsTokenCount", 0)
        assert each["totalTokenCount"] == prompt + cached + spent
    totals = [each["totalTokenCount"] for each in told]
    assert totals == sorted(totals)
    assert totals[-1] == usage.total_tokens
