"""A message: the reference's constructor, typed parts, one form for one meaning, no change."""

from __future__ import annotations

import copy
import pickle

import pytest

from racto.core import Message, RactoFile, ToolCallResult
from racto.core.content import DocumentPart, ImagePart, TextPart, ToolCallPart
from racto.core.errors import ConfigurationError
from racto.finetune import RactoTrainingMessage

PICTURE = RactoFile(b"bytes", "image/png", "a.png")


def test_the_references_three_parameters_stay_positional() -> None:
    message = RactoTrainingMessage("user", "Describe it.", [PICTURE])
    assert (message.role, message.content) == ("user", "Describe it.")
    assert message.attachments == [PICTURE]
    assert [part.type for part in message.parts] == ["image", "text"]


def test_text_files_stay_attachments() -> None:
    note = RactoFile(b"remember", "text/plain", "note.txt")
    message = RactoTrainingMessage("user", "Read.", [note])
    assert message.attachments == [note]
    assert isinstance(message.media[0], DocumentPart)
    assert message.to_openai()["content"][0] == {
        "type": "text",
        "text": "[File: note.txt]\nremember",
    }


def test_one_plain_part_is_its_text() -> None:
    assert RactoTrainingMessage("user", [TextPart(text="hi")]) == RactoTrainingMessage("user", "hi")
    assert RactoTrainingMessage("user", []) == RactoTrainingMessage("user", "")
    marked = RactoTrainingMessage("user", [TextPart(text="hi", signature="s")])
    assert marked != RactoTrainingMessage("user", "hi")


def test_openai_and_anthropic_shapes() -> None:
    plain = RactoTrainingMessage("user", "hi")
    assert plain.to_openai() == plain.to_anthropic() == {"role": "user", "content": "hi"}
    seen = RactoTrainingMessage("user", "What is it?", [PICTURE])
    assert seen.to_openai()["content"] == [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,Ynl0ZXM="}},
        {"type": "text", "text": "What is it?"},
    ]
    assert seen.to_anthropic()["content"][0]["source"] == {
        "type": "base64", "media_type": "image/png", "data": "Ynl0ZXM=",
    }  # fmt: skip
    system = RactoTrainingMessage("system", "Be short.")
    assert system.to_anthropic() == {"role": "system", "content": "Be short."}


def test_tools() -> None:
    call = ToolCallResult(id="c1", name="weather", arguments={"city": "Graz"})
    asked = RactoTrainingMessage.assistant("Let me look.", tool_calls=[call])
    assert asked.content == "Let me look."
    assert asked.tool_calls == (ToolCallPart.of(call),)
    told = RactoTrainingMessage.tool("c1", "rain", name="weather")
    assert (told.role, told.content) == ("tool", "rain")
    assert told.tool_results[0].tool_call_id == "c1"
    assert told.to_openai() == {"role": "tool", "tool_call_id": "c1", "content": "rain"}


def test_several_results_are_several_messages_of_openai() -> None:
    results = [RactoTrainingMessage.tool(f"c{n}", "x").tool_results[0] for n in range(2)]
    with pytest.raises(ConfigurationError, match="2 tool results"):
        RactoTrainingMessage("tool", results).to_openai()


def test_a_turn_of_a_real_conversation() -> None:
    said = Message.user("Look", attachments=[PICTURE])
    message = RactoTrainingMessage.from_message(said)
    assert message.role == "user"
    assert type(message.role) is str
    assert message.parts == said.parts


@pytest.mark.parametrize(("content", "empty"), [("", True), (" \n", True), ("x", False)])
def test_emptiness(content: str, empty: bool) -> None:
    assert RactoTrainingMessage("user", content).is_empty is empty


def test_a_picture_alone_is_not_empty() -> None:
    assert not RactoTrainingMessage("user", [ImagePart(url="https://host.test/a.png")]).is_empty


def test_it_cannot_be_changed() -> None:
    message = RactoTrainingMessage("user", "hi", name="ann", weight=1, extra={"id": 7})
    for name in ("role", "content", "other"):
        with pytest.raises(AttributeError, match="cannot be changed"):
            setattr(message, name, "x")
    with pytest.raises(AttributeError, match="cannot be changed"):
        del message.role
    assert pickle.loads(pickle.dumps(message)) == message
    assert copy.deepcopy(message) == message
    assert repr(message) == (
        "RactoTrainingMessage('user', 'hi', name='ann', weight=1, extra={'id': 7})"
    )
    assert message != "hi"
    with pytest.raises(TypeError, match="unhashable"):
        hash(message)
