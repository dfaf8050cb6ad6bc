"""Confidences come from the tokens' probabilities where there are some, and say where from."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.core.logprobs import TokenLogprob
from racto.core.responses import LLMResponse
from racto.core.testing import ScriptedKit
from racto.pipelines.list_classifier import ListClassifierPipeline
from racto.pipelines.list_classifier.confidences import label_probability


def tokens(*pairs: tuple[str, float]) -> tuple[TokenLogprob, ...]:
    return tuple(TokenLogprob(token=text, logprob=math.log(p)) for text, p in pairs)


def reply(*pairs: tuple[str, float]) -> LLMResponse:
    return LLMResponse(content="".join(text for text, _ in pairs), logprobs=tokens(*pairs))


SPELT = [('{"', 0.5), ("selected", 0.5), ('":', 0.5), (' "', 0.5), ("card", 0.8), ("_pin", 0.5)]


def test_the_tokens_of_the_label_are_multiplied() -> None:
    told = reply(*SPELT, ('",', 0.9), ('"confidence":0.1}', 0.2))
    one = ListClassifierPipeline(ScriptedKit([told]), options=["card", "card_pin"])
    result = one.run("x")
    assert result.confidences == [pytest.approx(0.8 * 0.5 * 0.9)]
    assert result.confidence_source == "logprobs"


@pytest.mark.parametrize(
    ("pairs", "probability"),
    [
        ([('"Bill', 0.5), ("ing", 0.5), ('"', 1.0)], 0.25),
        ([("Billing", 0.4)], 0.4),
        (
            [('{"reasoning":"\\"selected\\": \\"no\\"","selected":"', 0.3), ("A", 0.6), ('"}', 1)],
            0.6,
        ),
        ([('{"selected":"say ', 0.5), ('\\"A', 0.5), ('\\""}', 0.5)], 0.125),
        ([('{"selected": ["', 0.5), ("A", 0.7), ('"]}', 1.0)], 0.7),
        ([('{"option": "A"}', 0.5)], None),
        ([], None),
    ],
)
def test_where_the_label_stands(pairs: Any, probability: float | None) -> None:
    found = label_probability(tokens(*pairs))
    assert found == (None if probability is None else pytest.approx(probability))


@given(st.lists(st.tuples(st.text(max_size=5), st.floats(0.01, 1.0)), max_size=12))
def test_any_tokens_give_a_probability_or_none(pairs: list[tuple[str, float]]) -> None:
    found = label_probability(tokens(*pairs))
    assert found is None or 0.0 <= found <= 1.0


def test_they_are_asked_for_where_they_mean_something() -> None:
    kit = ScriptedKit(['{"selected": "A"}', '{"selected": ["A"]}', '{"selected": "A"}'])
    one = ListClassifierPipeline(kit, options=["A"])
    one.run("x")
    one.run("x", selection_mode="multiple")
    assert [asked.logprobs for asked in kit.requests] == [0, None]
    assert kit.requests[0].on_unsupported == "drop"
    ListClassifierPipeline(kit, options=["A"], use_logprobs=False).run("x")
    assert kit.requests[-1].logprobs is None


def test_several_labels_are_as_sure_as_the_model_says() -> None:
    told = reply(('{"selected":["A","B"],"confidences":[0.9,0.8]}', 0.1))
    one = ListClassifierPipeline(ScriptedKit([told]), options=["A", "B"], selection_mode="multiple")
    result = one.run("x")
    assert (result.confidences, result.confidence_source) == ([0.9, 0.8], "model")


def test_no_confidence_where_none_is_wanted() -> None:
    kit = ScriptedKit([reply(('{"selected":"A","confidence":0.9}', 0.5))])
    result = ListClassifierPipeline(kit, options=["A"], include_confidence=False).run("x")
    assert (result.confidences, result.confidence_source) == (None, None)
    assert kit.requests[0].logprobs is None


@pytest.mark.parametrize(
    "scores",
    [{"A": 0.3, "b": 0.6, "Z": 1}, [{"option": "A", "score": 0.3}, {"option": "B", "score": 0.6}]],
    ids=["mapping", "list"],
)
def test_scores_of_all_options(scores: Any) -> None:
    kit = ScriptedKit([json.dumps({"selected": "B", "all_scores": scores})])
    result = ListClassifierPipeline(kit, options=["A", "B", "C"], score_all=True).run("x")
    assert result.all_scores == {"A": 0.3, "B": 0.6}
    assert result.confidences == [0.6]
    assert (result.score_for("A"), result.score_for("B"), result.score_for("C")) == (0.3, 0.6, None)
