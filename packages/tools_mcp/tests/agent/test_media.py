from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from racto.core import (
    AudioPart,
    ChatConfig,
    ImagePart,
    Message,
    RactoFile,
    ToolRegistry,
    ToolResultPart,
    UnsupportedFeatureError,
)
from racto.core.testing import ScriptedKit
from racto.tools.mcp.agent import MCPAgent
from racto.tools.mcp.agent.media import without_media

QUESTION = ChatConfig(user_message="Show me.")
SOUND = AudioPart(data=b"wav", mime_type="audio/wav", name="call")


def picture() -> ImagePart:
    """Take a picture."""
    return ImagePart(data=b"12345", mime_type="image/png")


class Blind(ScriptedKit):
    """Refuses pictures in tools' answers, as Chat Completions does."""

    def stream(self, config: ChatConfig) -> Any:
        self._check(config)
        yield from super().stream(config)

    async def astream(self, config: ChatConfig) -> Any:
        self._check(config)
        async for chunk in super().astream(config):
            yield chunk

    def chat(self, config: ChatConfig) -> Any:
        self._check(config)
        return super().chat(config)

    @staticmethod
    def _check(config: ChatConfig) -> None:
        for turn in config.messages():
            for part in turn.parts:
                inner = part.content if isinstance(part, ToolResultPart) else (part,)
                if any(getattr(each, "type", "") == "image" for each in inner):
                    raise UnsupportedFeatureError("no", feature="tool result of type image")


def test_a_picture_that_a_model_cannot_be_shown_is_put_into_words(
    go: Callable[..., Any], say: Any
) -> None:
    kit = Blind([say("picture"), say("picture", "picture"), "I see nothing."])
    response = go(MCPAgent(kit, ToolRegistry([picture])), QUESTION)
    assert response.content == "I see nothing."
    assert len(kit.requests) == 3
    answers = [part for turn in response.transcript if turn.role == "tool" for part in turn.parts]
    assert len(answers) == 3
    for part in answers:
        assert "[image (image/png, 5 bytes): not shown" in part.text
    # Programs still get what the tool brought.
    assert response.tool_runs[0].result.content == (picture(),)


def test_a_users_own_picture_stays_an_error(go: Callable[..., Any]) -> None:
    agent = MCPAgent(Blind(["never"]), ToolRegistry([picture]))
    config = ChatConfig(
        user_message="Look.", attachments=(RactoFile(b"\x89PNG", "image/png", name="a.png"),)
    )
    with pytest.raises(UnsupportedFeatureError) as caught:
        go(agent, config)
    assert caught.value.partial.transcript[0] == Message.user("Look.", config.attachments or ())


def test_pictures_of_the_given_history_are_put_into_words_too(
    go: Callable[..., Any], say: Any
) -> None:
    whole = MCPAgent(ScriptedKit([say("picture"), "nice"]), ToolRegistry([picture])).run(QUESTION)
    kit = Blind(["what picture?"])
    config = ChatConfig(user_message="And?", history=whole.transcript)
    response = go(MCPAgent(kit, ToolRegistry([picture])), config)
    assert response.content == "what picture?"
    assert kit.requests[0].user_message == "And?"
    assert "not shown" in kit.requests[0].history[2].parts[0].text


def test_only_what_is_meant_is_changed_and_the_latest_first() -> None:
    def turn(*content: Any) -> Message:
        return Message.tool([ToolResultPart(tool_call_id="1", content=content)])

    turns = [turn(picture()), turn(SOUND, picture()), Message.user("hi")]
    changed = without_media(turns, "image by URL")
    assert changed is not None
    assert changed[0] == turns[0]
    assert changed[1].parts[0].content[0] == SOUND
    assert "image" in changed[1].parts[0].text
    again = without_media(changed, "image")
    assert again is not None
    assert without_media(again, "image") is None
    assert without_media(turns, "tool_choice") is None
