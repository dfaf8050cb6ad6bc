"""Every part of a turn takes its place, and what was counted once is not counted again."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import Message, RactoFile, ToolRegistry
from racto.core.content import (
    AudioPart,
    DocumentPart,
    ImagePart,
    LinkPart,
    ProviderPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    UploadedFilePart,
)
from racto.providers import footprints
from racto.providers.footprints import IMAGE, IMAGE_LOW, PAGE, TURN, UNSEEN, Footprints


class Words:
    """Counts words, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, text: str) -> int:
        self.asked += 1
        return len(text.split())


@pytest.fixture
def words() -> Words:
    return Words()


@pytest.fixture
def sizes(words: Words) -> Footprints:
    return Footprints(words)


def assistant(*parts: Any) -> Message:
    return Message(role="assistant", content=parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("part", "tokens"),
    [
        (TextPart(text="a b c"), 3),
        (RefusalPart(text="a b"), 2),
        (ReasoningPart(text="a b c d"), 4),
        (ReasoningPart(redacted=True, signature="sealed words"), 2),
        (ToolCallPart(id="1", name="weather", arguments={"city": "Rome"}), TURN + 3),
        (ToolCallPart(id="1", name="weather", raw_arguments="a b c"), TURN + 4),
        (ToolResultPart(tool_call_id="1", content="a b c"), TURN + 3),
        (ToolResultPart(tool_call_id="1", content=(TextPart(text="a b"),)), TURN + 2),
        (ToolResultPart(tool_call_id="1", content=(ImagePart(data=b"x"),)), TURN + IMAGE),
        (LinkPart(uri="file:///a", name="notes"), 2),
        (ProviderPart(provider="p", data={"kind": "search"}), 2),
        (ImagePart(data=b"x"), IMAGE),
        (ImagePart(url="https://example.org/a.png"), IMAGE),
        (ImagePart(data=b"x", detail="low"), IMAGE_LOW),
        (DocumentPart(data=b"%PDF /Type /Page x /Type/Page y /Type /Pages"), 2 * PAGE),
        (DocumentPart(data=b"%PDF" + b"x" * 250_000), 3 * PAGE),
        (DocumentPart(url="https://example.org/a.pdf"), UNSEEN),
        (UploadedFilePart(file_id="f", provider="p"), UNSEEN),
        (AudioPart(data=b"x" * 50_000), TURN + 100),
    ],
    ids=lambda value: getattr(value, "type", None) if not isinstance(value, int) else None,
)
def test_every_kind_of_part_is_counted(sizes: Footprints, part: Any, tokens: int) -> None:
    assert sizes.turn(assistant(part)) == TURN + tokens
    assert sizes.turn(assistant(part, TextPart(text="a b"))) == TURN + tokens + 2


def test_attachments_count(sizes: Footprints) -> None:
    files = [RactoFile(b"x", "image/png"), RactoFile(b"one two three", "text/plain", "n.txt")]
    assert sizes.turn(Message.user("a b", files)) == TURN + IMAGE + 5 + 2


def test_a_growing_conversation_is_counted_once(sizes: Footprints, words: Words) -> None:
    history = [Message.user(f"word {number}") for number in range(50)]
    assert sizes.turns(history) == [TURN + 2] * 50
    assert sizes.turns([*history, Message.user("one more word")])[-1] == TURN + 3
    assert words.asked == 51


def test_what_is_gone_is_forgotten_before_its_place_is_taken(sizes: Footprints) -> None:
    for number in range(200):
        text = "word " * number
        assert sizes.turns([Message.user(text or "x")]) == [TURN + max(1, number)]
    gc.collect()
    assert not sizes._known
    assert not sizes._alive


def test_tools_and_schemas_count_and_are_remembered(sizes: Footprints, words: Words) -> None:
    class City(BaseModel):
        name: str

    def weather(city: str) -> str:
        """Tell the weather of a city."""
        return city

    registry = ToolRegistry([weather])
    one, schema = sizes.tools(registry), sizes.schema(City)
    assert one > footprints.TOOL + 6
    assert schema > footprints.TOOL
    asked = words.asked
    assert (sizes.tools(registry), sizes.schema(City)) == (one, schema)
    assert words.asked == asked

    @registry.register
    def population(city: str) -> int:
        """Count the people of a city."""
        return len(city)

    assert sizes.tools(registry) > one
    assert sizes.tools(None) == sizes.schema(None) == 0


def test_texts_that_come_again_are_counted_once(sizes: Footprints, words: Words) -> None:
    assert [sizes.text("be brief"), sizes.text("be brief")] == [2, 2]
    assert words.asked == 1
    for number in range(500):
        sizes.text(f"text {number}")
    assert len(sizes._texts) <= 64
