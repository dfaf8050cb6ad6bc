"""What single providers refuse: their roles, media, names, and limits on a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from racto.core.content import ImagePart
from racto.finetune.examples import RactoTrainingExample

from .findings import Fault

Rule: TypeAlias = Callable[[RactoTrainingExample], Iterator[Fault]]
"""Looks at one example."""

# OpenAI's limits on images, from its guide on vision tuning.
_IMAGES_AN_EXAMPLE = 10
_IMAGE_BYTES = 10 * 2**20
_OPENAI_IMAGES = frozenset({"image/jpeg", "image/png", "image/webp"})
_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Claude's old prompt format, which Bedrock refuses inside of texts.
_RESERVED = ("\nHuman:", "\nAssistant:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What a trainer demands of a file beyond the rules for every conversation.

    Attributes:
        rules: Rules for one example.
        least: Fewest examples of a file.
        most: Most examples of a file; None for no limit that is known.
        most_tokens: Most tokens of an example; None where it depends on the model.
        cuts: Whether longer examples are cut rather than refused.
    """

    rules: tuple[Rule, ...] = ()
    least: int = 1
    most: int | None = None
    most_tokens: int | None = None
    cuts: bool = False


def _openai_media(example: RactoTrainingExample) -> Iterator[Fault]:
    count = 0
    for at, turn in enumerate(example.all_messages):
        for part in turn.media:
            place = f"messages[{at}] ({turn.role})"
            if not isinstance(part, ImagePart):
                text = f"OpenAI trains on text and images, not on a part of type {part.type}"
                yield Fault(rule="media", text=text, place=place, message=at)
                continue
            count += 1
            if turn.role != "user":
                text = "OpenAI takes images in the user's turns only"
                yield Fault(rule="media", text=text, place=place, message=at)
            if part.data is not None and part.mime_type not in _OPENAI_IMAGES:
                text = f"OpenAI takes JPEG, PNG and WebP, not {part.mime_type}"
                yield Fault(rule="media", text=text, place=place, message=at)
            if part.data is not None and len(part.data) > _IMAGE_BYTES:
                text = f"an image of {len(part.data):,} bytes; OpenAI takes {_IMAGE_BYTES:,}"
                yield Fault(rule="media", text=text, place=place, message=at)
    if count > _IMAGES_AN_EXAMPLE:
        yield Fault(rule="media", text=f"{count} images; OpenAI takes {_IMAGES_AN_EXAMPLE}")


def _openai_tools(example: RactoTrainingExample) -> Iterator[Fault]:
    for at, tool in enumerate(example.tools):
        name = tool.get("name")
        # Tools of other types are the provider's own to name.
        if "type" not in tool and not (isinstance(name, str) and _TOOL_NAME.fullmatch(name)):
            text = f"the name {name!r}; OpenAI takes 1 to 64 letters, digits, '_' and '-'"
            yield Fault(rule="tools", text=text, place=f"tools[{at}]")


def _openai_refusals(example: RactoTrainingExample) -> Iterator[Fault]:
    for at, turn in enumerate(example.all_messages):
        if turn.role == "assistant" and {part.type for part in turn.parts} == {"refusal"}:
            text = "a refusal without content, which OpenAI wants; say the words as content"
            yield Fault(rule="empty", text=text, place=f"messages[{at}] (assistant)", message=at)


def _openai_answers(example: RactoTrainingExample) -> Iterator[Fault]:
    for name in ("chosen", "rejected"):
        for at, turn in enumerate(getattr(example, name)):
            if turn.role != "assistant":
                text = "OpenAI takes assistant's turns only as an answer"
                place = f"{name}[{at}] ({turn.role})"
                yield Fault(rule="preference", text=text, place=place, message=at)


def _text_only(who: str) -> Rule:
    def check(example: RactoTrainingExample) -> Iterator[Fault]:
        for at, turn in enumerate(example.all_messages):
            if turn.media or turn.tool_calls or turn.tool_results:
                text = f"{who} takes text, and no media or tool calls"
                place = f"messages[{at}] ({turn.role})"
                yield Fault(rule="media", text=text, place=place, message=at)

    return check


def _gemini_media(example: RactoTrainingExample) -> Iterator[Fault]:
    for at, turn in enumerate(example.all_messages):
        if any(part.data is not None for part in turn.media):
            text = (
                "bytes in the record; Vertex AI documents fileData alone, so put the file into "
                "Cloud Storage and give its gs:// URL"
            )
            place = f"messages[{at}] ({turn.role})"
            yield Fault(rule="media", text=text, place=place, message=at, is_error=False)


def _bedrock_turns(example: RactoTrainingExample) -> Iterator[Fault]:
    # As if an answer had come before, so that the user must begin.
    before = "assistant"
    for at, turn in enumerate(example.messages):
        if turn.role in ("system", "developer"):
            continue
        place = f"messages[{at}] ({turn.role})"
        if turn.role == before:
            text = "Bedrock wants user and assistant in turn, the user first"
            yield Fault(rule="order", text=text, place=place, message=at)
        before = turn.role
        if any(word in turn.content for word in _RESERVED):
            text = "'Human:' or 'Assistant:' at the beginning of a line is reserved; reword it"
            yield Fault(rule="reserved", text=text, place=place, message=at)


_BEDROCK = "Bedrock's tuning of Claude"
_OPENAI = (_openai_media, _openai_tools, _openai_refusals)

DEMANDS: Mapping[str, Demands] = {
    # Longer examples lose their end in supervised tuning; other methods refuse them.
    "openai": Demands(rules=_OPENAI, least=10, most_tokens=65_536, cuts=True),
    "openai-preference": Demands(rules=(*_OPENAI, _openai_answers), least=10, most_tokens=65_536),
    "openai-reinforcement": Demands(rules=_OPENAI, least=10),
    "anthropic": Demands(
        rules=(_text_only(_BEDROCK), _bedrock_turns), least=32, most=10_000, most_tokens=32_000
    ),
    # Vertex AI names no least number, and recommends a hundred.
    "gemini": Demands(rules=(_gemini_media,), most=1_000_000, most_tokens=131_072, cuts=True),
    "gemini-preference": Demands(
        rules=(_text_only("Gemini's preference tuning"),), most=1_000_000, most_tokens=131_072
    ),
}
"""What each provider demands, by format. Source: the providers' pages on tuning data, 2026."""
