"""Prompts of a topic are answered under their keys, and those that cannot be are told so."""

import json

import pytest

from racto.core.errors import BadRequestError, ConfigurationError
from racto.core.testing import ScriptedKit
from racto.kafka import KafkaMessage, PromptAnswerer


def message(value: bytes) -> KafkaMessage:
    return KafkaMessage(
        topic="in", partition=0, offset=3, key=b"k", value=value, headers=[("correlation", b"c1")]
    )


async def test_an_answer_keeps_key_and_headers() -> None:
    answerer = PromptAnswerer(ScriptedKit(["yes", "yes"]), output_topic="out")
    for plan in (answerer.answer(message(b"hi")), await answerer.aanswer(message(b"hi"))):
        assert (plan.topic, plan.key, plan.headers) == ("out", b"k", [("correlation", b"c1")])
        answer = json.loads(plan.value)
        assert (answer["content"], answer["finish_reason"], answer["error"]) == (
            "yes", "stop", None,
        )  # fmt: skip


def test_a_refusal_says_why() -> None:
    answerer = PromptAnswerer(ScriptedKit([]), output_topic="out")
    with pytest.raises(BadRequestError):
        answerer.answer(message(b"{"))
    (plan,) = answerer.refuse(message(b"{"), BadRequestError("no JSON"))
    assert json.loads(plan.value)["error"] == {"type": "BadRequestError", "message": "no JSON"}


def test_limits_are_checked() -> None:
    with pytest.raises(ConfigurationError, match="max_tokens"):
        PromptAnswerer(ScriptedKit([]), output_topic="out", max_tokens=0)


def test_a_prompt_with_headers_that_cannot_be_read_is_answered() -> None:
    class Broken:
        def headers(self) -> None:
            raise SystemError("returned a result with an exception set")

        def __getattr__(self, name: str) -> object:
            facts = {"topic": "in", "partition": 0, "offset": 3, "key": b"k", "value": b"hi"}
            return lambda: facts.get(name, (0, -1))

    answerer = PromptAnswerer(ScriptedKit(["yes"]), output_topic="out")
    plan = answerer.answer(KafkaMessage.of(Broken(), b"k", b"hi"))
    assert (plan.key, plan.headers) == (b"k", [])
