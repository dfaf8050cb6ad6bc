"""What both chat APIs say in the same way."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from racto.core.logprobs import TokenLogprob
from racto.testing import ToolCall
from racto.testing.openai.saying import arguments_of, fragments, spread


@given(text=st.text(min_size=1), cuts=st.lists(st.integers(0, 200)))
def test_log_probabilities_are_spread_without_loss(text: str, cuts: list[int]) -> None:
    tokens = [TokenLogprob(token=letter, logprob=-1.0) for letter in text]
    places = sorted({0, len(text), *(cut % len(text) for cut in cuts)})
    pieces = [text[start:end] for start, end in pairwise(places)]
    told = list(spread(tokens, pieces))
    assert ["".join(token.token for token in own) for own in told] == pieces


def test_what_tokens_and_pieces_disagree_about_is_not_lost() -> None:
    tokens = [TokenLogprob(token=token, logprob=-1.0) for token in ("more", "than", "was said")]
    assert [len(own) for own in spread(tokens, ["mo", "re"])] == [1, 2]
    assert list(spread(tokens, [])) == []


@given(text=st.text())
def test_fragments_are_few_and_lose_nothing(text: str) -> None:
    parts = fragments(text)
    assert "".join(parts) == text
    assert len(parts) <= 4
    assert all(parts)


@pytest.mark.parametrize(
    ("arguments", "text"), [({"x": "ü"}, '{"x":"ü"}'), ("{broken", "{broken"), ({}, "{}")]
)
def test_arguments_are_what_the_model_wrote(arguments: dict[str, str] | str, text: str) -> None:
    assert arguments_of(ToolCall(name="f", arguments=arguments)) == text
