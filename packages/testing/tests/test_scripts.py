"""What a model says next, and to whom."""

from __future__ import annotations

from racto.testing import Failure, Incoming, Reply
from racto.testing.scripts import ScriptedAnswers

REQUEST = Incoming(method="POST", path="/")


def test_rules_are_asked_in_order_until_one_answers() -> None:
    script = ScriptedAnswers()
    asked = []
    script.when(lambda request: asked.append("first"))
    script.when(lambda request: Reply(text="second"))
    script.when(lambda request: Reply(text="third"))
    assert script.reply_to(REQUEST) == Reply(text="second")
    assert asked == ["first"]


def test_words_wait_for_a_request_that_wants_them() -> None:
    script = ScriptedAnswers()
    script.add(Reply(text="words"), Failure())
    assert script.outcome_of(REQUEST) == script.default
    assert script.reply_to(REQUEST) == Reply(text="words")
    assert script.outcome_of(REQUEST) == Failure()
    assert script.unsaid == ()


def test_a_reply_without_words_is_for_any_request() -> None:
    script = ScriptedAnswers()
    script.add(Reply(body=b"broken"), Reply(headers={"x": "1"}))
    assert script.outcome_of(REQUEST) == Reply(body=b"broken")
    assert script.reply_to(REQUEST) == Reply(headers={"x": "1"})


def test_rules_answer_requests_that_want_no_words() -> None:
    script = ScriptedAnswers()
    script.when(lambda request: Failure(kind="forbidden"))
    assert script.outcome_of(REQUEST) == Failure(kind="forbidden")
