"""JSON data is checked against JSON Schema, and each fault is told with its place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.core.conformity import problems

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)

NODE = {
    "$ref": "#/$defs/Node",
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {"next": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}},
            "required": ["next"],
            "additionalProperties": False,
        }
    },
}


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer"}, [1, 2.0], ["1", 1.5, True, None]),
        ({"type": "number"}, [1, 1.5], ["1", False]),
        ({"type": "boolean"}, [True], [1, "true"]),
        ({"type": ["string", "null"]}, ["", None], [1]),
        ({"enum": ["a", 1]}, ["a", 1], ["b", True, "1"]),
        ({"const": None}, [None], [0, False]),
        ({"minimum": 1, "exclusiveMaximum": 3}, [1, 2.9, "no number"], [0, 3]),
        ({"maximum": 3, "exclusiveMinimum": 1}, [3], [1, 4]),
        ({"multipleOf": 0.1}, [0.3, 1], [0.25]),
        ({"minLength": 1, "maxLength": 2}, ["a", 5], ["", "abc"]),
        ({"minItems": 1, "maxItems": 2, "uniqueItems": True}, [[1]], [[], [1, 2, 3], [1, 1]]),
        ({"items": {"type": "string"}}, [["a"], []], [["a", 1]]),
        ({"prefixItems": [{"type": "string"}], "items": False}, [["a"]], [[1], ["a", 1]]),
        ({"oneOf": [{"type": "integer"}, {"minimum": 5}]}, [1, 5.5], [6, 1.5]),
        ({"not": {"type": "null"}}, [1], [None]),
        ({"allOf": [{"type": "integer"}, {"minimum": 2}]}, [2], [1, "2"]),
        (NODE, [{"next": None}, {"next": {"next": None}}], [{}, {"next": {}}, {"n": 1}]),
        (True, [1], []),
        (False, [], [1, None]),
    ],
)
def test_each_keyword(schema: Any, good: list[Any], bad: list[Any]) -> None:
    assert [problems(value, schema) for value in good] == [[] for _ in good]
    assert all(problems(value, schema) for value in bad)


def test_the_line_names_the_place() -> None:
    found = problems({"next": {"next": {"nxt": 1}}}, NODE, path="arguments")
    assert "arguments.next.next.next: required, but missing" in found


def test_a_schema_that_only_refers_to_itself_ends() -> None:
    assert problems(1, {"$ref": "#"}) == []


@settings(deadline=None)
@given(JSON)
def test_the_empty_schema_takes_everything_and_const_takes_itself(value: Any) -> None:
    assert problems(value, {}) == []
    assert problems(value, {"const": value}) == []


class TestSchemasOfStrangers:
    """Remote tools bring schemas that nobody checked."""

    @pytest.mark.parametrize(
        "schema",
        [
            {"type": 5},
            {"type": ["object", {}]},
            {"type": "object", "properties": []},
            {"type": "object", "properties": {"a": 7}},
            {"type": "object", "required": "a"},
            {"type": "object", "required": [{}]},
            {"enum": 5},
            {"anyOf": {}},
            {"anyOf": [3, "x"]},
            {"$ref": 4},
            {"$ref": "#/nowhere"},
            {"properties": {"a": {"multipleOf": 0}}},
            {"properties": {"a": {"minimum": "low", "maxLength": None}}},
            {"items": "x", "prefixItems": 5},
        ],
    )
    def test_a_keyword_of_the_wrong_shape_constrains_nothing(self, schema: dict[str, Any]) -> None:
        assert problems({"a": 3}, schema) == []

    def test_a_schema_that_branches_without_end_is_given_up(self) -> None:
        twice = {"anyOf": [{"$ref": "#"}, {"$ref": "#"}], "type": "integer"}
        (problem,) = problems("no integer", twice)
        assert "convoluted" in problem
