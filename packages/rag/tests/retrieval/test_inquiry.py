"""What a kit is asked: data that stays data, and errors that are passed on or noted."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given, strategies as st

from racto.core import ChatConfig, LLMResponse
from racto.core.errors import InvalidResponseError, OverloadedError
from racto.core.flows import arun, run
from racto.core.testing import ScriptedKit
from racto.rag.retrieval.inquiry import forgiven, quoted, reply_text

CONFIG = ChatConfig(user_message="hello")


@given(st.text(), st.sampled_from(["</passage>", "< / PASSAGE >", "<passage number='1'>"]))
def test_no_text_can_end_its_own_quotation(text: str, hostile: str) -> None:
    made = quoted(text + hostile + text, "passage", 3)
    inside = made.removeprefix('<passage number="3">\n').removesuffix("\n</passage>")
    assert "<" + hostile[1:] not in inside
    assert inside.count("&lt;") >= 1


def test_other_tags_and_code_stay_as_they_are() -> None:
    assert quoted("if a < b: <b>", "question") == "<question>\nif a < b: <b>\n</question>"


@pytest.mark.parametrize(
    "reply", [LLMResponse(content=None, refusal="I will not."), LLMResponse(content="  \n ")]
)
async def test_a_reply_without_words_is_an_error(reply: LLMResponse) -> None:
    kit = ScriptedKit([reply], repeat=True)
    with pytest.raises(InvalidResponseError, match="without any text") as caught:
        run(reply_text(kit, CONFIG))
    assert caught.value.partial is not None
    with pytest.raises(InvalidResponseError):
        await arun(reply_text(kit, CONFIG))


def test_an_error_is_raised_or_noted(caplog: pytest.LogCaptureFixture) -> None:
    error = OverloadedError("come back later")
    with pytest.raises(OverloadedError):
        forgiven(error, "raise", "reranking")
    with caplog.at_level(logging.WARNING, "racto.rag"):
        forgiven(error, "original", "reranking")
    assert "reranking failed, and is left out: come back later" in caplog.text
