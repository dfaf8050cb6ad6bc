"""ChatConfig has the reference's fields, limits and defaults, save that temperature is None."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from racto.core import ChatConfig, Message, RactoFile, RactoPrompt, ToolRegistry

REFERENCE: dict[str, Any] = {
    "prompt": None,
    "max_tokens": 4096,
    "tools": None,
    "auto_execute_tools": False,
    "max_tool_turns": 3,
    "response_model": None,
    "max_validation_retries": 2,
    "attachments": None,
    "chain_of_thought": False,
    "native_thinking": False,
    "thinking_budget": 10000,
    "extra": {},
}
NOT_SENT = [
    "temperature",
    "top_p",
    "top_k",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "logprobs",
    "reasoning_effort",
    "parallel_tool_calls",
    "cache",
    "model",
    "timeout",
    "system",
]


def test_defaults_are_the_references() -> None:
    config = ChatConfig(user_message="hi")
    assert {name: getattr(config, name) for name in REFERENCE} == REFERENCE
    assert list(config.history) == []


@pytest.mark.parametrize("name", NOT_SENT)
def test_what_is_not_set_is_not_sent(name: str) -> None:
    assert getattr(ChatConfig(user_message="hi"), name) is None


def test_the_default_for_the_unsupported_is_to_raise() -> None:
    assert ChatConfig(user_message="hi").on_unsupported == "raise"


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("temperature", [0, 2, 0.5, None], [-0.01, 2.01, float("nan"), "warm"]),
        ("max_tokens", [1], [0, -1, 1.5]),
        ("max_tool_turns", [1, 10], [0, 11]),
        ("max_validation_retries", [0, 5], [-1, 6]),
        ("thinking_budget", [1], [0]),
        ("top_p", [0.1, 1], [0, 1.1]),
        ("top_k", [1], [0]),
        ("presence_penalty", [-2, 2], [-2.1, 2.1]),
        ("frequency_penalty", [-2, 2], [-2.1, 2.1]),
        ("logprobs", [0, 20], [-1, 21]),
        ("cache", ["5m", "1h"], ["2m", True]),
        ("timeout", [0.1], [0, -1, float("nan")]),
        ("on_unsupported", ["raise", "warn", "drop"], ["ignore"]),
        ("stop", [("a", "b"), ["a"]], ["a", (1,)]),
    ],
)
def test_limits(name: str, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        ChatConfig(user_message="hi", **{name: value})
    for value in bad:
        with pytest.raises(ValidationError, match=name):
            ChatConfig(user_message="hi", **{name: value})


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(ValidationError, match="temprature"):
        ChatConfig(user_message="hi", temprature=1)  # type: ignore[call-arg]


def test_there_is_something_to_answer() -> None:
    with pytest.raises(ValidationError, match="at least 1 character"):
        ChatConfig()
    assert ChatConfig(history=(Message.user("hi"),)).messages() == [Message.user("hi")]
    assert ChatConfig(attachments=(RactoFile(b"x", "image/png"),)).messages()[0].text == ""


def test_prompt_and_system_exclude_each_other() -> None:
    prompt = RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format="text")
    with pytest.raises(ValidationError, match="either prompt or system"):
        ChatConfig(user_message="hi", prompt=prompt, system="s")


def test_a_named_tool_must_be_registered() -> None:
    tools = ToolRegistry()

    @tools.register
    def ping() -> str:
        """Answer."""
        return "pong"

    assert ChatConfig(user_message="hi", tools=tools, tool_choice="ping").tool_choice == "ping"
    for known in (None, tools):
        with pytest.raises(ValidationError, match="no registered tool: 'pong'"):
            ChatConfig(user_message="hi", tools=known, tool_choice="pong")


def test_a_config_is_frozen() -> None:
    config = ChatConfig(user_message="hi")
    with pytest.raises(ValidationError, match="frozen"):
        config.temperature = 1.0


def test_messages_are_system_history_and_the_users_turn() -> None:
    config = ChatConfig(user_message="now", history=(Message.user("then"), Message.assistant("ok")))
    assert [(turn.role.value, turn.text) for turn in config.messages("rules")] == [
        ("system", "rules"),
        ("user", "then"),
        ("assistant", "ok"),
        ("user", "now"),
    ]
    assert [turn.role.value for turn in config.messages()] == ["user", "assistant", "user"]


def test_a_config_without_live_objects_survives_json() -> None:
    config = ChatConfig(
        user_message="hi",
        temperature=0.3,
        history=(Message.user("see", [RactoFile(b"\xff\xfe", "image/png")]),),
        attachments=(RactoFile(b"\x00\xff", "image/png", "a.png"),),
        stop=("END",),
        extra={"service_tier": "flex"},
    )
    assert ChatConfig.model_validate_json(config.model_dump_json()) == config


def test_a_response_model_is_a_class() -> None:
    class Answer(BaseModel):
        value: int

    assert ChatConfig(user_message="hi", response_model=Answer).response_model is Answer
    with pytest.raises(ValidationError, match="response_model"):
        ChatConfig(user_message="hi", response_model=Answer(value=1))  # type: ignore[arg-type]


def test_objects_for_tools_stay_in_this_process() -> None:
    config = ChatConfig(user_message="hi", tool_context=(object(),))
    assert "tool_context" not in config.model_dump()
    assert "object" not in repr(config)
