"""Plain tables of questions and answers, by the names that published datasets give their columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from racto.core.errors import ConfigurationError
from racto.finetune.examples import RactoTrainingExample
from racto.finetune.messages import plain_message

from .fields import rest_of, wrong
from .format import Format
from .losses import Losses
from .openai_chat import answered

ROLES = ("system", "user", "context", "assistant", "chosen", "rejected")
"""What a column may be; ``context`` is put below the user's words."""

_NAMES = {
    "system": ("system", "system_prompt"),
    "user": ("instruction", "question", "user", "query", "input", "prompt"),
    "context": ("input", "context"),
    "assistant": ("output", "answer", "response", "assistant", "completion"),
    "chosen": ("chosen",),
    "rejected": ("rejected",),
}


def has_known_columns(record: Mapping[str, Any]) -> bool:
    """Whether a question and an answer are found among the columns."""
    found = columns_of(record)
    return "user" in found and ("assistant" in found or {"chosen", "rejected"} <= found.keys())


def columns_of(record: Mapping[str, Any]) -> dict[str, str]:
    """The column of each role, by the names that people use."""
    found: dict[str, str] = {}
    for role, names in _NAMES.items():
        # One column cannot be two things: Alpaca's input is context, others' is the question.
        free = (name for name in names if name in record and name not in found.values())
        if (name := next(free, None)) is not None:
            found[role] = name
    return found


def example_of_columns(
    record: Mapping[str, Any], columns: Mapping[str, str]
) -> RactoTrainingExample:
    """The example of one row.

    Args:
        record: The row.
        columns: The name of the column of each role: ``user`` and ``assistant``, or ``user``,
            ``chosen`` and ``rejected``; ``system`` and ``context`` besides. Other columns go into
            ``extra``.

    Raises:
        ConfigurationError: If a role is unknown, a column is missing, or a value is no text.
    """
    if unknown := columns.keys() - set(ROLES):
        raise ConfigurationError(
            f"columns: {min(unknown)!r} is no role; the roles are {', '.join(ROLES)}"
        )
    texts = {role: _text(record, name, role) for role, name in columns.items()}
    if not ("user" in texts and ("assistant" in texts or {"chosen", "rejected"} <= texts.keys())):
        raise ConfigurationError(
            f"the columns {', '.join(map(str, record))} hold no question and answer that is "
            "known; name them: columns={'user': ..., 'assistant': ...}"
        )
    user = "\n\n".join(text for role in ("user", "context") if (text := texts.get(role, "")))
    turns = [plain_message("system", system)] if (system := texts.get("system")) else []
    turns.append(plain_message("user", user))
    if "assistant" in texts:
        turns.append(plain_message("assistant", texts["assistant"]))
    made = RactoTrainingExample(turns, extra=rest_of(record, frozenset(columns.values())))
    if "assistant" in texts:
        return made
    return made.replace(
        chosen=[plain_message("assistant", texts["chosen"])],
        rejected=[plain_message("assistant", texts["rejected"])],
    )


def _text(record: Mapping[str, Any], name: str, role: str) -> str:
    if name not in record:
        raise ConfigurationError(
            f"there is no column {name!r} for {role!r}; the columns are {', '.join(record)}"
        )
    value = record[name]
    if value is None and role in ("system", "context"):
        return ""
    # Tables hold numbers where a text is a number.
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise wrong(value, name, "", "a text")
    return value


def _encode(example: RactoTrainingExample, losses: Losses) -> dict[str, Any]:
    turns = answered(example, losses)
    record: dict[str, Any] = {"instruction": "", "input": "", "output": ""}
    rest = list(turns)
    if rest and rest[0].role in ("system", "developer"):
        record["system"] = rest.pop(0).content
    if [turn.role for turn in rest] != ["user", "assistant"]:
        losses.lose("a conversation", "a row is one question and one answer")
        rest = rest[-2:]
    for turn in turns:
        if not isinstance(turn.body, str) or turn.name or turn.weight is not None or turn.extra:
            losses.lose("more than text", "a row is made of texts")
    if example.tools:
        losses.lose("tools", "a row is made of texts")
    if not rest:
        raise ConfigurationError("there is no question and no answer to make a row of")
    # A column of the caller's own must not vanish under one of the row's.
    if clash := example.extra.keys() & record.keys():
        raise ConfigurationError(f"extra holds {min(clash)!r}, which is a column of the row")
    record["instruction"], record["output"] = rest[0].content, rest[-1].content
    return {**example.extra, **record}


def _decode(record: Mapping[str, Any]) -> RactoTrainingExample:
    return example_of_columns(record, columns_of(record))


COLUMNS = Format(
    name="columns",
    title="A table of questions and answers",
    kind="chat",
    encoder=_encode,
    decoder=_decode,
)
"""Rows with ``instruction`` and ``output`` (Alpaca), ``question`` and ``answer``, and the like."""
