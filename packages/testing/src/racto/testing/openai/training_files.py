"""Training files as OpenAI judges them: the first fault ends the job, named by its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .json_lines import json_lines

LEAST_EXAMPLES = 10
"""Fewest examples of a training file."""

# An unknown key is a fault and not a note: a misspelt one would be trained on without a word.
_CHAT_KEYS = frozenset({"messages", "tools", "parallel_tool_calls", "functions"})
_INPUT_KEYS = frozenset({"messages", "tools", "parallel_tool_calls"})
_MESSAGE_KEYS = frozenset(
    {"role", "content", "name", "weight", "tool_calls", "tool_call_id", "function_call", "refusal"}
)
_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
# They complete text and know no chat.
_OLD_MODELS = ("babbage", "davinci")


def fault_in(content: bytes, *, kind: str, model: str) -> tuple[str, str] | None:
    """Find what is wrong with a training or validation file.

    Args:
        content: The file: an example a line, as JSON.
        kind: Method: ``supervised``, ``dpo`` or ``reinforcement``.
        model: Model to be tuned; the oldest ones take prompts and completions.

    Returns:
        The code of the fault and the API's words for it; None when all is well.
    """
    examples = json_lines(content)
    judge = _judge(kind, model)
    for number, example in examples:
        if not isinstance(example, dict):
            return _invalid(
                "Expected file to have JSONL format, where every line is a valid JSON dictionary. "
                f"Line {number} is not a dictionary."
            )
        trouble = next(judge(example), None)
        if trouble is not None:
            return _invalid(f"Invalid file format. Line {number}: {trouble}")
    # Counted last: a broken file is broken, however long.
    if len(examples) < LEAST_EXAMPLES:
        return (
            "invalid_n_examples",
            f"The file has {len(examples)} example(s), but must have at least {LEAST_EXAMPLES} "
            "examples.",
        )
    return None


def _invalid(why: str) -> tuple[str, str]:
    return "invalid_training_file", f"The job failed due to an invalid training file. {why}"


def _judge(kind: str, model: str) -> Callable[[Mapping[str, Any]], Iterator[str]]:
    if kind == "dpo":
        return _preference
    if kind == "reinforcement":
        return _graded
    return _completion if model.startswith(_OLD_MODELS) else _chat


def _completion(example: Mapping[str, Any]) -> Iterator[str]:
    for key in ("prompt", "completion"):
        if not isinstance(example.get(key), str):
            yield f"Missing `{key}` key, or it is not a string"
    yield from _unexpected(example, frozenset({"prompt", "completion"}))


def _chat(example: Mapping[str, Any]) -> Iterator[str]:
    yield from _unexpected(example, _CHAT_KEYS)
    yield from _messages(example, "messages")
    if example["messages"][-1]["role"] != "assistant":
        yield "Last message must have role `assistant`"


def _graded(example: Mapping[str, Any]) -> Iterator[str]:
    # Further keys are for the grader.
    yield from _messages(example, "messages")
    if example["messages"][-1]["role"] != "user":
        yield "Last message must have role `user`"


def _preference(example: Mapping[str, Any]) -> Iterator[str]:
    yield from _unexpected(
        example, frozenset({"input", "preferred_output", "non_preferred_output"})
    )
    asked = example.get("input")
    if not isinstance(asked, dict):
        yield "Missing `input` key, or it is not a dictionary"
        return
    yield from _unexpected(asked, _INPUT_KEYS)
    yield from _messages(asked, "messages")
    for key in ("preferred_output", "non_preferred_output"):
        yield from _messages(example, key)
        if any(message["role"] != "assistant" for message in example[key]):
            yield f"`{key}` must hold messages with role `assistant` only"


def _unexpected(example: Mapping[str, Any], known: frozenset[str]) -> Iterator[str]:
    for key in sorted(example.keys() - known):
        yield f"Unexpected key `{key}`"


def _messages(example: Mapping[str, Any], key: str) -> Iterator[str]:
    messages: Sequence[Any] | None = example.get(key)
    if not isinstance(messages, list) or not messages:
        yield f"Missing `{key}` key, or it is not a list of messages"
        return
    for number, message in enumerate(messages):
        place = f"`{key}` {number}"
        if not isinstance(message, dict):
            yield f"{place} is not a dictionary"
            return
        if str(message.get("role")) not in _ROLES:
            yield f"{place} has an invalid role"
        for extra in _unexpected(message, _MESSAGE_KEYS):
            yield f"{place}: {extra}"
        # Only a turn that calls tools may say nothing.
        if not isinstance(message.get("content"), str | list) and not _calls(message):
            yield f"{place} has no content"
        if message.get("weight", 1) not in (0, 1):
            yield f"{place}: weight must be 0 or 1"


def _calls(message: Mapping[str, Any]) -> bool:
    return bool(message.get("tool_calls") or message.get("function_call"))


def count_tokens(content: bytes) -> int:
    """Tokens of a training file: one for every four bytes begun."""
    return -(-len(content) // 4)
