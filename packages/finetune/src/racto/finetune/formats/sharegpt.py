"""The ShareGPT format, in the dialect with tools and images that LLaMA-Factory reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from racto.core.errors import ConfigurationError
from racto.finetune.examples import RactoTrainingExample
from racto.finetune.messages import RactoTrainingMessage, plain_message

from .conversational import tools_of
from .fields import as_object, list_in, optional_text, rest_of
from .format import Format
from .losses import Losses
from .sharegpt_turns import Pictures, decode_turn, encode_turns

_KNOWN = frozenset({"conversations", "system", "tools", "images", "chosen", "rejected"})
_SYSTEM = ("system", "developer")


def _encode(example: RactoTrainingExample, losses: Losses) -> dict[str, Any]:
    turns, record = example.messages, dict[str, Any]()
    pictures = Pictures.of(example.all_messages)
    # Kept apart from the conversation only where it is one plain text, and there is one.
    first = turns[0] if turns and turns[0].role in _SYSTEM else None
    apart = first is not None and isinstance(first.body, str) and bool(first.body)
    record["conversations"] = encode_turns(turns[1:] if apart else turns, pictures, losses)
    if apart:
        record["system"] = turns[0].content
    if example.kind == "preference":
        for name in ("chosen", "rejected"):
            record[name] = _only(encode_turns(getattr(example, name), pictures, losses), name)
    if example.tools:
        record["tools"] = json.dumps(list(example.tools), ensure_ascii=False)
    if pictures.sources:
        record["images"] = pictures.sources
    if clash := example.extra.keys() & record.keys():
        raise ConfigurationError(f"extra holds {min(clash)!r}, which is a field of the format")
    return {**record, **example.extra}


def _only(turns: list[dict[str, str]], name: str) -> dict[str, str]:
    if len(turns) != 1:
        raise ConfigurationError(
            f"the ShareGPT format takes one turn as an answer, and {name!r} has {len(turns)}"
        )
    return turns[0]


def _decode(record: Mapping[str, Any]) -> RactoTrainingExample:
    pictures = Pictures.from_column(record.get("images"))
    system = optional_text(record, "system")
    # An empty instruction is how tables say that there is none.
    turns: list[RactoTrainingMessage] = [plain_message("system", system)] if system else []
    for number, raw in enumerate(list_in(record, "conversations")):
        where = f"conversations[{number}]"
        turns.append(decode_turn(as_object(raw, where), where, pictures))
    answers = {
        name: [decode_turn(as_object(record[name], name), name, pictures)]
        for name in ("chosen", "rejected")
        if record.get(name) is not None
    }
    known = _KNOWN if pictures.are_used else _KNOWN - {"images"}
    return RactoTrainingExample(
        turns, tools=tools_of(record), extra=rest_of(record, known), **answers
    )


SHAREGPT = Format(
    name="sharegpt",
    title="The ShareGPT format",
    kind="chat",
    encoder=_encode,
    decoder=_decode,
)
"""Tuning with LLaMA-Factory, FastChat and many published datasets; holds preferences too."""
