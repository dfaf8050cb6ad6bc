"""Only whole replies are kept, by every cache alike."""

from __future__ import annotations

import pytest

from racto.cache.fitness import is_fit
from racto.core import LLMResponse
from racto.core.content import ToolCallResult
from racto.core.responses import FinishReason

CALL = ToolCallResult(id="1", name="f")


@pytest.mark.parametrize("reason", list(FinishReason))
def test_only_complete_replies_are_fit(reason: FinishReason) -> None:
    reply = LLMResponse(content="x", finish_reason=reason)
    assert is_fit(reply) == (reason is FinishReason.STOP)
    assert is_fit(reply, keep_tool_calls=True) == reason.is_complete


def test_refusals_are_never_fit() -> None:
    assert not is_fit(LLMResponse(refusal="no"), keep_tool_calls=True)


def test_tool_calls_are_fit_only_when_asked() -> None:
    for reason in (FinishReason.STOP, FinishReason.TOOL_CALL):
        reply = LLMResponse(tool_calls=[CALL], finish_reason=reason)
        assert not is_fit(reply)
        assert is_fit(reply, keep_tool_calls=True)
