"""Fields of a form: every way to write a choice, and answers that fit."""

from __future__ import annotations

from typing import Any

import pytest

from racto.tools.mcp.cli.forms import Field, fields_of


def field(schema: dict[str, Any], *, required: bool = True) -> Field:
    form = {"type": "object", "properties": {"x": schema}, "required": ["x"] if required else []}
    (found,) = fields_of(form)
    return found


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "enum": ["r", "g"], "enumNames": ["Red", "Green"]},
        {
            "type": "string",
            "oneOf": [{"const": "r", "title": "Red"}, {"const": "g", "title": "Green"}],
        },
    ],
)
def test_a_choice(schema: dict[str, Any]) -> None:
    found = field(schema)
    assert [choice.title for choice in found.choices] == ["Red", "Green"]
    assert [found.read(text) for text in ("2", "green", "G", "Red")] == ["g", "g", "g", "r"]
    for text in ("3", "0", "blue", ""):
        with pytest.raises(ValueError, match="none of the choices"):
            found.read(text)


@pytest.mark.parametrize(
    "items", [{"enum": ["r", "g"]}, {"anyOf": [{"const": "r"}, {"const": "g"}]}]
)
def test_several_choices(items: dict[str, Any]) -> None:
    found = field({"type": "array", "items": items, "maxItems": 1})
    assert found.read("2") == ["g"]
    with pytest.raises(ValueError, match="at most 1"):
        found.read("1, g")


def test_free_answers() -> None:
    assert field({"type": "integer"}).read("7") == 7
    assert field({"type": "boolean"}).read("no") is False
    assert field({"type": "string"}).read("7") == "7"
    with pytest.raises(ValueError, match="should be integer"):
        field({"type": "integer"}).read("seven")
    with pytest.raises(ValueError, match="at most 9"):
        field({"type": "integer", "maximum": 9}).read("10")


def test_what_is_asked_and_how_it_is_answered() -> None:
    found = field({"type": "integer", "title": "X", "description": "How many", "minimum": 1})
    assert (found.heading, found.hint) == ("x: How many", "whole number, at least 1")
    assert field({"type": "string", "title": "Full name"}).heading == "Full name (x)"
    assert field({"type": "string"}, required=False).hint == "text, Enter skips it"
    chosen = {"type": "string", "enum": ["r"], "enumNames": ["Red"], "default": "r"}
    assert field(chosen).hint == "number of a choice, Enter takes Red"
    assert field({"type": "boolean", "default": False}).hint == "yes or no, Enter takes no"
