"""Training files are judged line by line, for each method."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.testing.openai.training_files import LEAST_EXAMPLES, fault_in

ASK, SAY = {"role": "user", "content": "hi"}, {"role": "assistant", "content": "hey"}
CALL = {
    "role": "assistant",
    "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
}
GOOD: dict[str, dict[str, Any]] = {
    "supervised": {"messages": [ASK, SAY]},
    "dpo": {
        "input": {"messages": [ASK]},
        "preferred_output": [SAY],
        "non_preferred_output": [SAY],
    },
    "reinforcement": {"messages": [ASK], "answer": 5},
}


def fault(kind: str, *examples: Any, model: str = "gpt-x", fill: bool = True) -> str | None:
    good = [GOOD[kind]] * (LEAST_EXAMPLES if fill else 0)
    content = "\n".join(json.dumps(one) for one in [*good, *examples]).encode()
    found = fault_in(content, kind=kind, model=model)
    return None if found is None else " ".join(found)


@pytest.mark.parametrize("kind", list(GOOD))
def test_good_examples_are_taken(kind: str) -> None:
    assert fault(kind) is None


@pytest.mark.parametrize(
    "example",
    [
        {"messages": [ASK, {**SAY, "weight": 0}, ASK, {**SAY, "weight": 1}]},
        {"messages": [ASK, CALL], "tools": [], "parallel_tool_calls": False},
        {"messages": [{"role": "developer", "content": "be kind"}, ASK, SAY]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}, SAY]},
    ],
    ids=str,
)
def test_each_form_of_a_chat_is_taken(example: dict[str, Any]) -> None:
    assert fault("supervised", example) is None


def test_the_oldest_models_take_prompts_and_completions() -> None:
    content = b'{"prompt": "a", "completion": "b"}\n' * LEAST_EXAMPLES
    assert fault_in(content, kind="supervised", model="davinci-002") is None
    assert fault_in(content, kind="supervised", model="gpt-x") is not None
    bad = fault_in(content + b'{"prompt": "a"}', kind="supervised", model="babbage-002")
    assert bad is not None
    assert "Line 11: Missing `completion` key" in bad[1]


@pytest.mark.parametrize(
    ("kind", "example", "words"),
    [
        ("supervised", [], "Line 11 is not a dictionary"),
        ("supervised", {}, "Line 11: Missing `messages` key"),
        ("supervised", {"messages": []}, "Missing `messages` key"),
        ("supervised", {"messages": [ASK, SAY], "note": 1}, "Unexpected key `note`"),
        ("supervised", {"messages": [ASK]}, "Last message must have role `assistant`"),
        ("supervised", {"messages": ["hi", SAY]}, "`messages` 0 is not a dictionary"),
        ("supervised", {"messages": [{"role": "robot"}, SAY]}, "`messages` 0 has an invalid role"),
        ("supervised", {"messages": [{"role": "user"}, SAY]}, "`messages` 0 has no content"),
        ("supervised", {"messages": [{**ASK, "x": 1}, SAY]}, "`messages` 0: Unexpected key `x`"),
        ("supervised", {"messages": [ASK, {**SAY, "weight": 2}]}, "weight must be 0 or 1"),
        ("dpo", {"messages": [ASK, SAY]}, "Unexpected key `messages`"),
        ("dpo", {**GOOD["dpo"], "input": None}, "Missing `input` key"),
        ("dpo", {**GOOD["dpo"], "input": {"messages": [ASK], "x": 1}}, "Unexpected key `x`"),
        ("dpo", {**GOOD["dpo"], "preferred_output": []}, "Missing `preferred_output` key"),
        ("dpo", {**GOOD["dpo"], "non_preferred_output": [ASK]}, "with role `assistant` only"),
        ("reinforcement", {"messages": [ASK, SAY]}, "Last message must have role `user`"),
    ],
    ids=str,
)
def test_a_bad_example_is_named_by_its_line(kind: str, example: Any, words: str) -> None:
    found = fault(kind, example)
    assert found is not None
    assert found.startswith("invalid_training_file The job failed due to an invalid training file.")
    assert words in found


def test_a_line_that_is_no_json_is_named() -> None:
    found = fault_in(b"{no json", kind="supervised", model="gpt-x")
    assert found is not None
    assert "Line 1 is not a dictionary" in found[1]


def test_too_few_examples_are_refused() -> None:
    found = fault("supervised", *[GOOD["supervised"]] * 9, fill=False)
    assert found is not None
    assert found.startswith("invalid_n_examples The file has 9 example(s), but must have at least")


KEYS = st.sampled_from(
    ["messages", "role", "content", "weight", "tool_calls", "input", "preferred_output", "prompt"]
)
VALUES = st.recursive(
    st.none() | st.integers(0, 2) | st.sampled_from(["user", "assistant"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=15,
)


@given(st.sampled_from(list(GOOD)), st.lists(VALUES, max_size=3))
def test_whatever_stands_on_a_line_it_is_judged(kind: str, values: list[Any]) -> None:
    assert fault(kind, *values, fill=False) is not None
