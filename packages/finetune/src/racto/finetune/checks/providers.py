"""What single providers refuse: their roles, media, names, and limits on a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from racto.core.content import DocumentPart, ImagePart
from racto.finetune.examples import RactoTrainingExample

from .findings import Fault
from .places import placed_turns

Rule: TypeAlias = Callable[[RactoTrainingExample], Iterator[Fault]]
"""Looks at one example."""

# Source: OpenAI's guide "Vision fine-tuning", image data requirements. Other hosts allow more.
_IMAGES_AN_EXAMPLE = 10
_IMAGE_BYTES = 10 * 2**20
_OPENAI_IMAGES = frozenset({"image/jpeg", "image/png", "image/webp"})
# Source: the openai SDK's type FunctionDefinition.
_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Claude's old prompt format; no page was found that says what Bedrock does with it.
_RESERVED = ("\nHuman:", "\nAssistant:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What a trainer demands of a file beyond the rules for every conversation.

    Attributes:
        rules: Rules for one example.
        least: Fewest examples of a file.
        most: Most examples of a file; None for no limit that is known.
        most_tokens: Most tokens of an example with the usual models; None where none is known.
        cuts: Whether longer examples are cut rather than refused.
        is_firm: Whether the numbers of examples are documented for every model. Others are told
            as advice, so that nothing good is refused.
    """

    rules: tuple[Rule, ...] = ()
    least: int = 1
    most: int | None = None
    most_tokens: int | None = None
    cuts: bool = False
    is_firm: bool = False


def _openai_media(example: RactoTrainingExample) -> Iterator[Fault]:
    count = 0
    for place, at, turn in placed_turns(example, with_parts=True):
        for part in turn.media:
            if not isinstance(part, ImagePart):
                if not _is_words(part):
                    text = f"OpenAI documents text and images alone, not a part of type {part.type}"
                    yield Fault(rule="media", text=text, place=place, message=at, is_error=False)
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


def _is_words(part: object) -> bool:
    """Whether a part is a text file, which every format writes as words."""
    if not isinstance(part, DocumentPart) or part.data is None:
        return False
    return part.mime_type.startswith("text/")


def _openai_text(example: RactoTrainingExample) -> Iterator[Fault]:
    # Source: OpenAI's guide "Direct preference optimization": text inputs and outputs only.
    for place, at, turn in placed_turns(example, with_parts=True):
        if any(isinstance(part, ImagePart) for part in turn.media):
            text = "OpenAI's preference tuning takes text, and no images"
            yield Fault(rule="media", text=text, place=place, message=at)


def _openai_tools(example: RactoTrainingExample) -> Iterator[Fault]:
    for at, tool in enumerate(example.tools):
        name = tool.get("name")
        # Tools of other types are the provider's own to name.
        if "type" not in tool and not (isinstance(name, str) and _TOOL_NAME.fullmatch(name)):
            text = f"the name {name!r}; OpenAI takes 1 to 64 letters, digits, '_' and '-'"
            yield Fault(rule="tools", text=text, place=f"tools[{at}]")


def _openai_refusals(example: RactoTrainingExample) -> Iterator[Fault]:
    # Source: the openai SDK's type of an assistant's message: content is required beside it.
    for place, at, turn in placed_turns(example, with_parts=True):
        if turn.role == "assistant" and {part.type for part in turn.parts} == {"refusal"}:
            text = "a refusal without content, which OpenAI wants; say the words as content"
            yield Fault(rule="empty", text=text, place=place, message=at)


def _openai_answers(example: RactoTrainingExample) -> Iterator[Fault]:
    for name in ("chosen", "rejected"):
        for at, turn in enumerate(getattr(example, name)):
            if turn.role != "assistant":
                text = "OpenAI takes assistant's turns only as an answer"
                place = f"{name}[{at}] ({turn.role})"
                yield Fault(rule="preference", text=text, place=place, message=at)


def _text_only(who: str) -> Rule:
    def check(example: RactoTrainingExample) -> Iterator[Fault]:
        for place, at, turn in placed_turns(example, with_parts=True):
            has_media = not all(map(_is_words, turn.media))
            if has_media or turn.tool_calls or turn.tool_results:
                text = f"{who} takes text, and no media or tool calls"
                yield Fault(rule="media", text=text, place=place, message=at)

    return check


def _gemini_media(example: RactoTrainingExample) -> Iterator[Fault]:
    for place, at, turn in placed_turns(example, with_parts=True):
        if any(part.data is not None for part in turn.media):
            text = (
                "bytes in the record; Vertex AI documents fileData alone, so put the file into "
                "Cloud Storage and give its gs:// URL"
            )
            yield Fault(rule="media", text=text, place=place, message=at, is_error=False)


def _bedrock_turns(example: RactoTrainingExample) -> Iterator[Fault]:
    # Source: Anthropic's cookbook "Finetuning Claude 3 Haiku on Bedrock", the list of rules.
    if example.tools:
        text = "Bedrock takes a system text and messages, and no tools; leave them out"
        yield Fault(rule="tools", text=text, place="tools")
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
            text = "'Human:' or 'Assistant:' begins a line, which is commonly reserved; reword it"
            yield Fault(rule="reserved", text=text, place=place, message=at, is_error=False)


_BEDROCK = "Bedrock's tuning of Claude"
_OPENAI = (_openai_media, _openai_tools, _openai_refusals)

DEMANDS: Mapping[str, Demands] = {
    # Longer examples lose their end in supervised tuning, as OpenAI's cookbook on preparing data
    # says. 65,536 is what Azure's page on tuning names for the GPT-4o models.
    "openai": Demands(rules=_OPENAI, least=10, most_tokens=65_536, cuts=True, is_firm=True),
    "openai-preference": Demands(
        rules=(*_OPENAI, _openai_text, _openai_answers),
        least=10,
        most_tokens=65_536,
        is_firm=True,
    ),
    "openai-reinforcement": Demands(rules=_OPENAI, least=10, is_firm=True),
    # Amazon's sample notebook "Data Preparation for Anthropic Claude-3 Haiku Fine-Tuning" names
    # 32,000 tokens and 10,000 records, which are quotas; for the 32 no page was found.
    "anthropic": Demands(
        rules=(_text_only(_BEDROCK), _bedrock_turns), least=32, most=10_000, most_tokens=32_000
    ),
    # Vertex AI names no least number, and recommends a hundred. The most depends on the model.
    "gemini": Demands(rules=(_gemini_media,), most=1_000_000, most_tokens=131_072, cuts=True),
    "gemini-preference": Demands(
        rules=(_text_only("Gemini's preference tuning"),), most=10_000_000, most_tokens=131_072
    ),
}
"""What each provider demands, by format.

Source: OpenAI's guides "Supervised fine-tuning" (ten examples at least), "Vision fine-tuning" and
"Direct preference optimization"; Anthropic's cookbook and Amazon's samples on tuning at Bedrock;
Google's pages "About supervised fine-tuning for Gemini models" and "About preference tuning for
Gemini models". What no page says for every model is a warning.
"""
