"""Hugging Face's, ShareGPT's and Anthropic's formats, and plain tables, as people have them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from racto.core.content import ImagePart, ProviderPart, ReasoningPart, TextPart, ToolCallPart
from racto.core.errors import ConfigurationError, UnsupportedFeatureError
from racto.finetune import RactoTrainingExample, RactoTrainingMessage
from racto.finetune.formats import detect_format, find_format
from racto.finetune.formats.losses import Losses

QUESTION = {"role": "user", "content": "q"}
ANSWER = {"role": "assistant", "content": "a"}
PAIR = RactoTrainingExample.from_pair("q", "a")


@pytest.mark.parametrize(
    "record",
    [
        {"messages": [QUESTION, ANSWER]},
        {"prompt": [QUESTION], "completion": [ANSWER]},
        {"prompt": "q", "completion": "a"},
        {"messages": [QUESTION, {**ANSWER, "tool_calls": None, "name": None}], "tools": ""},
    ],
    ids=["messages", "turns", "texts", "nulls of a table"],
)
def test_conversations_of_hugging_face(record: dict[str, Any]) -> None:
    assert find_format("trl").decode(record) == PAIR
    assert detect_format(record).decode(record) == PAIR


def test_a_template_s_messages() -> None:
    record: dict[str, Any] = {
        "messages": [
            {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "?"}]},
            {
                "role": "assistant", "reasoning_content": "hm", "content": "",
                "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": {"a": 1}}}],
            },
            {"role": "tool", "name": "f", "content": "1"},
            {"role": "assistant", "content": "done", "thinking": "kept"},
        ],
        "images": [{"bytes": b"abc", "path": "x/a.webp"}],
        "tools": json.dumps([{"type": "function", "function": {"name": "f"}}]),
        "source": "log",
    }  # fmt: skip
    example = find_format("trl").decode(record)
    assert example.messages[0].media == (
        ImagePart(data=b"abc", mime_type="image/webp", name="a.webp"),
    )
    assert example.messages[1].parts == (
        ReasoningPart(text="hm"), ToolCallPart(name="f", arguments={"a": 1}),
    )  # fmt: skip
    assert example.messages[3].extra == {"thinking": "kept"}
    assert (example.tools, example.extra) == (({"name": "f"},), {"source": "log"})
    back = find_format("trl").encode(example)
    assert back["messages"][1] == record["messages"][1]
    assert back["messages"][0]["content"][0]["base64"] == "data:image/webp;base64,YWJj"


def test_preferences_of_hugging_face() -> None:
    format = find_format("trl-preference")
    wanted = RactoTrainingExample.from_preference("q", chosen="good", rejected="bad")
    good, bad = ({"role": "assistant", "content": text} for text in ("good", "bad"))
    for record in (
        {"prompt": [QUESTION], "chosen": [good], "rejected": [bad]},
        {"prompt": "q", "chosen": "good", "rejected": "bad"},
        {"prompt": QUESTION, "chosen": good, "rejected": bad},
        {"chosen": [QUESTION, good], "rejected": [QUESTION, bad]},
    ):
        assert format.decode(record) == wanted
    with pytest.raises(ConfigurationError, match="prompt: missing"):
        format.decode({"chosen": "good", "rejected": "bad"})


def test_equal_answers_are_kept_for_validation_to_name() -> None:
    same = [QUESTION, ANSWER]
    example = find_format("trl-preference").decode({"chosen": same, "rejected": same})
    assert (example.chosen[0].content, example.rejected[0].content) == ("a", "a")


def test_prompts_for_trainers_with_rewards() -> None:
    record = {"prompt": [QUESTION], "solution": "42"}
    example = find_format("trl").decode(record)
    assert example.kind == "graded"
    assert find_format("trl").encode(example) == record


def test_sharegpt() -> None:
    record = {
        "conversations": [
            {"from": "human", "value": "<image>What?"},
            {"from": "function_call", "value": '{"name": "look", "arguments": {"n": 1}}'},
            {"from": "observation", "value": "a cat"},
            {"from": "gpt", "value": "A cat."},
        ],
        "system": "Help.",
        "tools": '[{"name": "look"}]',
        "images": ["https://h.test/a.png"],
        "id": 7,
    }
    format = find_format("sharegpt")
    example = format.decode(record)
    assert format.encode(example) == record
    assert example.messages[1].parts == (
        ImagePart(url="https://h.test/a.png"), TextPart(text="What?"),
    )  # fmt: skip
    assert example.messages[2].tool_calls[0].arguments == {"n": 1}


def test_sharegpt_s_faults() -> None:
    format = find_format("sharegpt")
    turn = {"from": "human", "value": "<image><image>"}
    with pytest.raises(ConfigurationError, match="more <image> marks than the 1 images"):
        format.decode({"conversations": [turn], "images": ["https://h.test/a.png"]})
    # Without images the mark is a text like any other.
    plain = format.decode({"conversations": [turn]})
    assert plain.messages[0].content == "<image><image>"
    with pytest.raises(ConfigurationError, match="no JSON"):
        format.decode({"conversations": [{"from": "function_call", "value": "f()"}]})
    wordy = RactoTrainingMessage("assistant", [TextPart(text="a"), ToolCallPart(name="f")])
    with pytest.raises(UnsupportedFeatureError, match="words beside tool calls"):
        format.encode(RactoTrainingExample([wordy]))
    both = RactoTrainingMessage(
        "user", [ImagePart(url="https://h.test/a.png"), TextPart(text="<image>")]
    )
    with pytest.raises(UnsupportedFeatureError, match="the text <image>"):
        format.encode(RactoTrainingExample([both]))


def test_anthropic_s_blocks() -> None:
    record = {
        "system": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        "messages": [
            {"role": "user", "content": [
                {"type": "image", "source": {"type": "url", "url": "https://h.test/a.png"}},
                {"type": "document", "source": {"type": "url", "url": "https://h.test/a.pdf"}, "title": "t"},
                {"type": "search_result", "source": "x"},
            ]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "s"},
                {"type": "redacted_thinking", "data": "d"},
                {"type": "tool_use", "id": "t1", "name": "f", "input": {}},
                {"type": "tool_use", "id": "t2", "name": "f", "input": {}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "1"},
                {"type": "tool_result", "tool_use_id": "t2", "content": "2", "is_error": True},
            ]},
            {"role": "assistant", "content": "done"},
        ],
        "tools": [{"name": "f", "input_schema": {"type": "object"}}],
    }  # fmt: skip
    format = find_format("anthropic")
    example = format.decode(record)
    assert detect_format(record) is format
    assert format.encode(example) == record
    assert [turn.role for turn in example.messages] == [
        "system", "user", "assistant", "tool", "tool", "assistant",
    ]  # fmt: skip
    assert isinstance(example.messages[1].parts[2], ProviderPart)
    assert example.messages[4].tool_results[0].is_error


def test_two_instructions_and_a_late_one() -> None:
    format = find_format("anthropic")
    example = RactoTrainingExample.from_conversation(
        [("system", "a"), ("system", "b"), ("user", "q")]
    )
    assert [block["text"] for block in format.encode(example)["system"]] == ["a", "b"]
    late = RactoTrainingExample.from_conversation([("user", "q"), ("system", "a")])
    with pytest.raises(UnsupportedFeatureError, match="in the middle"):
        format.encode(late)
    assert format.encode(late, Losses("drop"))["system"] == "a"


@pytest.mark.parametrize(
    ("record", "user", "answer"),
    [
        ({"instruction": "i", "input": "", "output": "a"}, "i", "a"),
        ({"instruction": "i", "input": "x", "output": "a"}, "i\n\nx", "a"),
        ({"question": "q", "answer": 42}, "q", "42"),
        ({"question": "q", "context": "c", "response": "a"}, "q\n\nc", "a"),
        ({"input": "q", "output": "a"}, "q", "a"),
    ],
    ids=["alpaca", "alpaca with input", "number", "context", "input"],
)
def test_tables(record: dict[str, Any], user: str, answer: str) -> None:
    example = detect_format(record).decode(record)
    assert example == RactoTrainingExample.from_pair(user, answer)


def test_tables_with_preferences_and_further_columns() -> None:
    record = {"question": "q", "system": "s", "chosen": "g", "rejected": "b", "score": 3}
    example = find_format("columns").decode(record)
    assert example.kind == "preference"
    assert example.extra == {"score": 3}
    assert example.messages[0].content == "s"


def test_unknown_keys_are_told() -> None:
    with pytest.raises(ConfigurationError, match=r"keys \(foo, bar\) are those of no format"):
        detect_format({"foo": 1, "bar": 2})


@pytest.mark.parametrize("name", ["anthropic", "gemini"])
@pytest.mark.parametrize(
    "facts", [{"name": "example_user"}, {"extra": {"x": 1}}], ids=["name", "extra"]
)
def test_what_a_system_turn_says_beside_its_words_is_not_lost_in_silence(
    name: str, facts: dict[str, Any]
) -> None:
    system = RactoTrainingMessage("system", "s", **facts)
    example = RactoTrainingExample([system, *RactoTrainingExample.from_pair("q", "a").messages])
    with pytest.raises(UnsupportedFeatureError, match="message"):
        example.to_dict(name)


def test_a_row_takes_no_column_of_the_caller_s_own_name() -> None:
    columns = find_format("columns")
    example = RactoTrainingExample.from_pair("q", "a").replace(extra={"output": "mine"})
    with pytest.raises(ConfigurationError, match="'output'"):
        columns.encode(example)
    with pytest.raises(ConfigurationError, match="no question"):
        columns.encode(RactoTrainingExample([]), Losses("drop"))
