"""racto-mcp inspect: everything is shown, and what is wrong is found."""

from __future__ import annotations

import json
from typing import Any

import pytest

from racto.tools.mcp.cli.schema_faults import faults_of

EXPECTED = {
    ("list-failed", ""),
    ("nothing-listed", ""),
    ("duplicate", "tool twice"),
    ("unfit-name", "tool with space"),
    ("no-description", "tool silent"),
    ("bad-schema", "tool lost"),
    ("hidden-text", "tool hidden"),
    ("contradiction", "tool torn"),
}


def test_a_flawed_server(quick: Any, flawed_url: str) -> None:
    done = quick("inspect", flawed_url, "--json", "--ignore", "no-annotations")
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    found = {(one["kind"], one["subject"]) for one in data["findings"]}
    assert found == EXPECTED
    assert [tool["name"] for tool in data["tools"]].count("twice") == 2
    lost = [one["message"] for one in data["findings"] if one["kind"] == "bad-schema"]
    assert lost == [
        "input schema, at its root: b is required, and not among the properties",
        "input schema, a: $ref '#/$defs/gone' leads nowhere in this schema",
    ]
    strict = quick("inspect", flawed_url, "--strict")
    assert strict.returncode == 1
    assert "no-annotations" in strict.stdout


def test_a_sound_server(quick: Any, sdk_url: str) -> None:
    done = quick("inspect", sdk_url)
    assert done.returncode == 0, done.stderr
    assert f"  target       {sdk_url}\n" in done.stdout
    for word in ("protocol", "round trip", "takes {", "users://{name}/profile", "Greet somebody."):
        assert word in done.stdout
    ignored = ("--ignore", "no-annotations", "--ignore", "no-description")
    strict = quick("inspect", sdk_url, "--strict", *ignored)
    assert strict.returncode == 0
    assert strict.stdout.endswith("No findings.\n")


def test_some_tools_only(quick: Any, sdk_url: str) -> None:
    done = quick("inspect", sdk_url, "add", "--json")
    data = json.loads(done.stdout)
    assert [tool["name"] for tool in data["tools"]] == ["add"]
    assert sorted(data["seconds"]) == ["open", "round_trip"]
    assert quick("inspect", sdk_url, "ad").returncode == 2


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        ({"type": "string"}, "at its root: the type must be object"),
        ({"properties": {"a": {"type": "text"}}}, "a: there is no type 'text'"),
        ({"properties": {"a": 3}}, "a: is no schema"),
        ({"properties": []}, "at its root: properties is no object"),
        ({"anyOf": {}}, "at its root: anyOf is no list"),
        ({"properties": {"a": {"enum": []}}}, "a: enum is no list of values"),
        ({"properties": {"a": {"items": {"type": 1}}}}, "a/items: there is no type 1"),
        ({"required": "a"}, "at its root: required is no list of names"),
        ({"$ref": "http://example.com/x"}, "leads nowhere"),
    ],
)
def test_faults_of_schemas(schema: dict[str, Any], fault: str) -> None:
    found = faults_of({"type": "object", **schema})
    assert len(found) == 1
    assert fault in found[0]


def test_sound_schemas_and_endless_ones() -> None:
    sound = {
        "type": "object",
        "properties": {"a": {"type": ["string", "null"]}, "b": True, "c": {"$ref": "#/$defs/c"}},
        "required": ["a", "elsewhere"],
        "$defs": {"c": {"$ref": "#"}},
    }
    assert faults_of(sound) == []
    deep: dict[str, Any] = {"type": "object"}
    for _ in range(200):
        deep = {"type": "object", "properties": {"a": deep}}
    assert "too deep" in faults_of(deep)[0]
