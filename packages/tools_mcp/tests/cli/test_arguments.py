"""Arguments as they are typed, of the types that the schema asks for."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from racto.core import ToolSchema
from racto.tools.mcp.cli.arguments import arguments_of, texts_of
from racto.tools.mcp.cli.exits import USAGE, CommandError

TOOL = ToolSchema(
    name="make",
    json_schema={
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "count": {"type": "integer", "minimum": 1},
            "ratio": {"type": "number"},
            "fast": {"type": "boolean"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "sizes": {"type": "array", "items": {"type": "integer"}},
            "where": {"type": "object"},
            "maybe": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
            "label": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "object"}]},
            "level": {"enum": [1, 2, 3]},
            "size": {"$ref": "#/$defs/Size"},
        },
        "$defs": {"Size": {"type": "string", "enum": ["small", "large"]}},
    },
)


def read(*words: str, whole: str | None = None, **options: Any) -> dict[str, Any]:
    return arguments_of(words, whole, TOOL, **options)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("text=42", "42"),
        ("text=", ""),
        ("text=a=b", "a=b"),
        ("text=@@home", "@home"),
        ("count=3", 3),
        ("ratio=-2.5e3", -2500.0),
        ("ratio=3", 3),
        ("fast=yes", True),
        ("fast=False", False),
        ("tags=red", ["red"]),
        ('tags=["red", "blue"]', ["red", "blue"]),
        ("sizes=7", [7]),
        ('where={"x": 1}', {"x": 1}),
        ("maybe=null", None),
        ("maybe=4", 4),
        ("either=4", 4),
        ("either=four", "four"),
        ("label=abc", "abc"),
        ("level=2", 2),
        ("size=large", "large"),
        ('text:="quoted"', "quoted"),
    ],
)
def test_a_value_is_of_the_type_that_the_schema_gives(word: str, value: Any) -> None:
    (found,) = read(word).values()
    assert found == value
    assert type(found) is type(value)


def test_a_name_that_is_given_twice_makes_a_list() -> None:
    assert read("tags=a", "tags=b", "sizes=1", "sizes=[2, 3]") == {
        "tags": ["a", "b"],
        "sizes": [1, 2, 3],
    }
    with pytest.raises(CommandError, match="'count' is given twice"):
        read("count=1", "count=2")


def test_files_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    letter, data = tmp_path / "letter.txt", tmp_path / "data.json"
    letter.write_text("Dear Ann,\n")
    data.write_text('{"count": 2, "text": "old"}')
    assert read(f"text=@{letter}") == {"text": "Dear Ann,\n"}
    assert read("text=new", whole=f"@{data}") == {"count": 2, "text": "new"}
    assert read(f"where:=@{data}") == {"where": {"count": 2, "text": "old"}}
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"fast": true}'))
    assert read(whole="-") == {"fast": True}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["count=x"], 'count: should be integer, got "x"'),
        (["count=0"], "count: should be at least 1, got 0"),
        (["ratio=nan"], 'ratio: should be number, got "nan"'),
        (["fast=perhaps"], 'fast: should be boolean, got "perhaps"'),
        (["level=9"], "level: should be one of 1, 2, 3, got 9"),
        (["size=huge"], 'size: should be one of "small", "large", got "huge"'),
        (["cuont=1"], "cuont: no such parameter; did you mean count?"),
    ],
)
def test_what_does_not_fit_is_told_with_what_the_tool_takes(words: list[str], says: str) -> None:
    with pytest.raises(CommandError) as caught:
        read(*words)
    assert caught.value.code == USAGE
    assert "nothing was sent" in str(caught.value)
    assert caught.value.details[0] == f"- {says}"
    assert caught.value.details[-1].startswith("it takes: text?: string, count?: integer")


@pytest.mark.parametrize(
    ("words", "whole", "says"),
    [
        (["count"], None, "'count' is no argument"),
        (["=1"], None, "'=1' is no argument"),
        (["where={x}"], None, "'where' is no JSON"),
        (["where:=NaN"], None, "NaN is not JSON"),
        (["text=@/no/such/file"], None, "'/no/such/file' cannot be read: No such file"),
        ([], "[1]", "--args must be a JSON object"),
        ([], "{", "--args is no JSON"),
        ([], "@nowhere.json", "--args: the file 'nowhere.json' cannot be read"),
    ],
)
def test_what_cannot_be_read(words: list[str], whole: str | None, says: str) -> None:
    with pytest.raises(CommandError, match=says.replace("[", r"\[")):
        read(*words, whole=whole)


def test_unchecked_arguments_are_sent_as_they_are() -> None:
    assert read("count=x", "other=1", is_checked=False) == {"count": "x", "other": 1}


def test_a_tool_that_allows_more_is_given_more() -> None:
    open_tool = ToolSchema(name="any", json_schema={"type": "object", "additionalProperties": True})
    assert arguments_of(["x=1", "y=a"], None, open_tool) == {"x": 1, "y": "a"}


def test_arguments_of_a_prompt_are_texts(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("tides")
    assert texts_of(["n=3", f"topic=@{tmp_path / 't'}"]) == {"n": "3", "topic": "tides"}
