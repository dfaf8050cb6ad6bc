"""Verdicts: permutations stay permutations, and probabilities lie between no and yes."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, strategies as st

from racto.core.logprobs import TokenLogprob
from racto.core.responses import LLMResponse
from racto.retrieval.server.engines.verdicts import order_in, relevance


def token(text: str, share: float, **others: float) -> TokenLogprob:
    """A token with its probability, and those of its alternatives."""
    return TokenLogprob(
        token=text,
        logprob=math.log(share),
        alternatives=tuple(
            TokenLogprob(token=other, logprob=math.log(p)) for other, p in others.items()
        ),
    )


@given(st.lists(st.integers(-3, 12)), st.integers(1, 8))
def test_an_order_is_a_permutation(said: list[int], count: int) -> None:
    order = order_in(LLMResponse(content=json.dumps({"order": said})), count)
    known = [number - 1 for number in said if 1 <= number <= count]
    if not known:
        assert order is None
        return
    assert order is not None
    assert sorted(order) == list(range(count))
    assert order[: len(set(known))] == list(dict.fromkeys(known))
    rest = order[len(set(known)) :]
    assert rest == sorted(rest)


@given(st.text(max_size=80), st.integers(1, 8))
def test_any_reply_is_an_order_or_none(text: str, count: int) -> None:
    order = order_in(LLMResponse(content=text), count)
    assert order is None or sorted(order) == list(range(count))
    verdict = relevance(LLMResponse(content=text))
    assert verdict is None or verdict in (0.0, 1.0)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("[3] > [1] > [2]", [2, 0, 1]),
        ("2\n1\n3", [1, 0, 2]),
        ('```json\n{"order": [3]}\n```', [2, 0, 1]),
        ("[2, 2, 9, 0, 1]", [1, 0, 2]),
        ('{"order": ["3", true, 2.0]}', None),
        ("1.5 and v2 say nothing", None),
        ("", None),
    ],
)
def test_orders_as_models_write_them(text: str, order: list[int] | None) -> None:
    assert order_in(LLMResponse(content=text), 3) == order


def test_what_the_kit_has_read_comes_first() -> None:
    assert order_in(LLMResponse(content="1 2", parsed={"order": [2, 1]}), 2) == [1, 0]


def test_relevance_is_the_share_of_yes() -> None:
    logprobs = (token("\n", 0.9), token("Yes", 0.6, Yes=0.6, No=0.2, yes=0.1, maybe=0.1))
    assert relevance(LLMResponse(content="Yes", logprobs=logprobs)) == pytest.approx(0.7 / 0.9)
    # The token that was drawn need not be the likeliest, nor among the alternatives.
    drawn = token(" no", 0.1, **{" yes": 0.3})
    assert relevance(LLMResponse(content="no", logprobs=(drawn,))) == pytest.approx(0.75)
    denied = (token("Not", 0.9), token(" relevant", 0.9))
    assert relevance(LLMResponse(content="Not relevant", logprobs=denied)) == 0.0


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("Yes.", 1.0),
        ("**No**, though yes would be polite", 0.0),
        ("Answer: irrelevant", 0.0),
        ("Not relevant.", 0.0),
        ("It is **not** true", 0.0),
        ("This isn't relevant", 0.0),
        ("not irrelevant", 1.0),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_words_are_enough_without_probabilities(text: str | None, score: float | None) -> None:
    assert relevance(LLMResponse(content=text)) == score
    # Probabilities without a verdict leave the words to speak.
    logprobs = (token("x", 1.0),)
    assert relevance(LLMResponse(content=text, logprobs=logprobs)) == score
