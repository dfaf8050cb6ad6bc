"""What is said once for all providers."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core.responses import FinishReason
from racto.testing import Conduct, Failure, Reply, ToolCall


@pytest.mark.parametrize(
    ("text", "pieces", "whole"),
    [
        (None, (), None),
        ("", (), ""),
        ("words", ("words",), "words"),
        (["wo", "", "rds"], ("wo", "", "rds"), "words"),
    ],
)
def test_text_is_whole_or_in_pieces(text: Any, pieces: tuple[str, ...], whole: str | None) -> None:
    reply = Reply(text=text, thinking=text or "")
    assert reply.pieces == pieces
    assert reply.whole_text == whole
    assert reply.thoughts == pieces


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(), FinishReason.STOP),
        (Reply(tool_calls=[ToolCall(name="f")]), FinishReason.TOOL_CALL),
        (Reply(refusal="no"), FinishReason.REFUSAL),
        (Reply(tool_calls=[ToolCall(name="f")], finish=FinishReason.LENGTH), FinishReason.LENGTH),
    ],
)
def test_why_the_model_stops_follows_from_what_it_says(reply: Reply, reason: FinishReason) -> None:
    assert reply.outcome is reason


@pytest.mark.parametrize(
    ("reply", "is_wordless"),
    [
        (Reply(), True),
        (Reply(body={"a": 1}, headers={"x": "1"}), True),
        (Reply(text="words"), False),
        (Reply(thinking="words"), False),
        (Reply(refusal="no"), False),
        (Reply(events=["words"]), False),
        (Reply(tool_calls=[ToolCall(name="f")]), False),
    ],
)
def test_a_reply_without_words_is_told_from_one_with_words(reply: Reply, is_wordless: bool) -> None:
    assert reply.is_wordless is is_wordless


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: Reply(text=3), TypeError, "Reply.text"),  # type: ignore[arg-type]
        (lambda: Reply(finish="never"), ValueError, "Reply.finish"),  # type: ignore[arg-type]
        (lambda: Reply(tool_calls=[{}]), TypeError, "Reply.tool_calls"),  # type: ignore[list-item]
        (lambda: Reply(headers={"x": 1}), TypeError, "Reply.headers"),  # type: ignore[dict-item]
        (lambda: Failure(kind="odd"), ValueError, "Failure.kind"),  # type: ignore[arg-type]
        (lambda: Conduct(delay=-1), ValueError, "Conduct.delay"),
        (lambda: Conduct(pause=float("nan")), ValueError, "Conduct.pause"),
        (lambda: Conduct(cut_after=-1), ValueError, "Conduct.cut_after"),
    ],
)
def test_a_mistyped_answer_is_told_where_it_is_made(
    make: Any, error: type[Exception], told: str
) -> None:
    with pytest.raises(error, match=told):
        make()


def test_a_reason_to_finish_may_be_a_word() -> None:
    assert Reply(finish="length").finish is FinishReason.LENGTH  # type: ignore[arg-type]
