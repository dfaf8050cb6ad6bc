"""Log-probabilities of tokens: finite, loss-free through JSON, and readable as probabilities."""

from __future__ import annotations

import math

import pytest

from racto.core import LLMResponse, TokenLogprob
from racto.core.logprobs import LEAST


@pytest.mark.parametrize("value", [-math.inf, math.nan, -1e9])
def test_what_json_cannot_write_becomes_the_least(value: float) -> None:
    assert TokenLogprob(token="a", logprob=value).logprob == LEAST


def test_probabilities_are_never_above_one() -> None:
    assert TokenLogprob(token="a", logprob=math.log(0.25)).probability == pytest.approx(0.25)
    # Servers that compute in half precision report sums a little above one.
    assert TokenLogprob(token="a", logprob=1e-4).probability == 1.0
    assert TokenLogprob(token="a", logprob=LEAST).probability == 0.0


def test_a_reply_keeps_them_through_json() -> None:
    likely = TokenLogprob(token="Yes", logprob=-0.1)
    token = TokenLogprob(
        token="Yes",
        logprob=-0.1,
        alternatives=(likely, TokenLogprob(token="No", logprob=-math.inf)),
    )
    reply = LLMResponse(content="Yes", logprobs=(token,))
    assert LLMResponse.model_validate_json(reply.model_dump_json()) == reply
