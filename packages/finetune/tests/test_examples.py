"""An example: how it is made, what it teaches, and the reference's three dictionaries."""

from __future__ import annotations

import pytest

from racto.core import Message, RactoFile, ToolRegistry
from racto.core.errors import ConfigurationError, UnsupportedFeatureError
from racto.finetune import RactoTrainingExample, RactoTrainingMessage


def test_a_pair() -> None:
    example = RactoTrainingExample.from_pair("What is 2 + 2?", "4", system="You are a maths tutor.")
    assert example.to_openai_dict() == {
        "messages": [
            {"role": "system", "content": "You are a maths tutor."},
            {"role": "user", "content": "What is 2 + 2?"},
            {"role": "assistant", "content": "4"},
        ]
    }
    assert example.to_anthropic_dict() == {
        "system": "You are a maths tutor.",
        "messages": [
            {"role": "user", "content": "What is 2 + 2?"},
            {"role": "assistant", "content": "4"},
        ],
    }


def test_gemini_keeps_the_system_turn() -> None:
    """Defect 41 of the reference: its Gemini export drops it."""
    record = RactoTrainingExample.from_pair("q", "a", system="Be kind.").to_gemini_dict()
    assert record == {
        "systemInstruction": {"role": "system", "parts": [{"text": "Be kind."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "q"}]},
            {"role": "model", "parts": [{"text": "a"}]},
        ],
    }


def test_system_is_only_there_when_a_system_turn_is() -> None:
    example = RactoTrainingExample.from_conversation([("user", "q"), ("assistant", "a")])
    assert "system" not in example.to_anthropic_dict()
    assert "systemInstruction" not in example.to_gemini_dict()


def test_a_picture_comes_back_as_bytes() -> None:
    """Defect 41 of the reference: a multimodal round trip becomes a text of Python's."""
    picture = RactoFile(b"\x89PNG", "image/png")
    example = RactoTrainingExample.from_pair("Describe.", "A chart.", user_attachments=[picture])
    for name in ("openai", "anthropic", "gemini", "trl", "sharegpt"):
        back = RactoTrainingExample.from_dict(example.to_dict(name), name)
        assert back.messages[0].attachments == [picture], name
        assert back == example, name


def test_kinds_and_prompts() -> None:
    pair = RactoTrainingExample.from_pair("q", "a", system="s")
    choice = RactoTrainingExample.from_preference("q", chosen="good", rejected="bad", system="s")
    graded = RactoTrainingExample([RactoTrainingMessage("user", "q")], extra={"answer": "42"})
    assert [each.kind for each in (pair, choice, graded)] == ["chat", "preference", "graded"]
    assert [turn.role for turn in pair.prompt] == ["system", "user"]
    assert [turn.role for turn in choice.prompt] == ["system", "user"]
    assert [turn.content for turn in choice.all_messages] == ["s", "q", "good", "bad"]
    assert RactoTrainingExample([]).kind == "chat"


def test_tools_from_a_registry_and_from_a_log() -> None:
    registry = ToolRegistry()

    @registry.register
    def weather(city: str) -> str:
        """The weather in a city."""
        return city

    history = [Message.user("Graz?"), Message.assistant("Rain.")]
    example = RactoTrainingExample.from_messages(history, tools=registry.schemas)
    assert example.tools[0]["name"] == "weather"
    assert example.to_openai_dict()["tools"][0]["function"] == example.tools[0]


def test_a_preference_is_no_conversation_unless_losses_are_allowed() -> None:
    choice = RactoTrainingExample.from_preference("q", chosen="good", rejected="bad")
    with pytest.raises(UnsupportedFeatureError, match="rejected answer"):
        choice.to_openai_dict()
    with pytest.raises(ConfigurationError, match="'rejected' is empty"):
        RactoTrainingExample([], chosen=[RactoTrainingMessage("assistant", "x")]).to_dict(
            "openai-preference"
        )


def test_names_of_formats() -> None:
    example = RactoTrainingExample.from_pair("q", "a")
    assert example.to_dict("vertex") == example.to_gemini_dict()
    assert example.to_dict("bedrock") == example.to_anthropic_dict()
    with pytest.raises(ConfigurationError, match="did you mean 'openai'"):
        example.to_dict("opnai")


def test_copies_and_looks() -> None:
    example = RactoTrainingExample.from_pair("q", "a")
    changed = example.replace(extra={"id": 1})
    assert changed != example
    assert changed.messages == example.messages
    assert repr(changed).endswith("extra={'id': 1})")
    assert example != "example"
