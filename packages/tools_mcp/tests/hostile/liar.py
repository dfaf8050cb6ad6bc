"""Lies about its tools: schemas that are none, that point at themselves, that its results break.

Its argument names the lie.
"""

import sys
from typing import Any

from wire import serve, text

NUMBER = {"type": "object", "properties": {"t": {"type": "number"}}, "required": ["t"]}
NODE = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"inner": schema}}
    return schema


def shows(schema: object) -> list[object]:
    return [{"name": "echo", "inputSchema": schema}]


def gives(output: object) -> list[object]:
    return [{"name": "weather", "inputSchema": {"type": "object"}, "outputSchema": output}]


LIES: dict[str, list[object]] = {
    "schema_is_list": shows([]),
    "schema_is_text": shows("object"),
    "schema_is_null": shows(None),
    "schema_is_true": shows(True),
    "schema_is_missing": [{"name": "echo"}],
    "schema_is_string_type": shows({"type": "string"}),
    "schema_is_empty": shows({}),
    "type_is_unknown": shows({"type": "objekt"}),
    "properties_is_list": shows({"type": "object", "properties": ["a", "b"]}),
    "property_is_text": shows({"type": "object", "properties": {"a": "string"}}),
    "required_is_text": shows({"type": "object", "required": "a"}),
    "pattern_is_broken": shows(
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "(["}}}
    ),
    "pattern_is_slow": shows(
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}}
    ),
    "ref_is_itself": shows({"type": "object", "$defs": {"node": NODE}, "$ref": "#/$defs/node"}),
    "ref_is_circle": shows({"$ref": "#"}),
    "ref_is_two_step_circle": shows(
        {
            "type": "object",
            "properties": {"a": {"$ref": "#/$defs/x"}},
            "$defs": {"x": {"$ref": "#/$defs/y"}, "y": {"$ref": "#/$defs/x"}},
        }
    ),
    "ref_is_dangling": shows({"type": "object", "properties": {"a": {"$ref": "#/$defs/gone"}}}),
    "ref_is_remote": shows(
        {"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:9/schema.json"}}}
    ),
    "ref_is_file": shows({"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}}),
    "schema_is_deep": shows(nested(400)),
    "schema_is_wide": shows(
        {"type": "object", "properties": {f"p{i}": {"type": "string"} for i in range(5000)}}
    ),
    "dialect_is_unknown": shows({"type": "object", "$schema": "https://example.org/mine"}),
    "name_has_spaces": [{"name": "two words", "inputSchema": {"type": "object"}}],
    "name_is_emoji": [{"name": "🔥💣", "inputSchema": {"type": "object"}}],
    "name_is_long": [{"name": "n" * 300, "inputSchema": {"type": "object"}}],
    "name_is_empty": [{"name": "", "inputSchema": {"type": "object"}}],
    "name_is_number": [{"name": 7, "inputSchema": {"type": "object"}}],
    "name_breaks_lines": [{"name": "a\nb\x1b[31m", "inputSchema": {"type": "object"}}],
    "names_are_same": [
        {"name": "echo", "description": "the first", "inputSchema": {"type": "object"}},
        {"name": "echo", "description": "the second", "inputSchema": {"type": "object"}},
    ],
    "one_is_bad": [
        {"name": "bad", "inputSchema": "none"},
        {"name": "echo", "inputSchema": {"type": "object"}},
    ],
    "tool_is_text": ["echo"],
    "tool_is_null": [None],
    "description_is_huge": [
        {"name": "echo", "description": "d" * 5_000_000, "inputSchema": {"type": "object"}}
    ],
    "result_breaks_schema": gives(NUMBER),
    "result_has_no_data": gives(NUMBER),
    "output_pattern_is_slow": gives(
        {"type": "object", "properties": {"t": {"type": "string", "pattern": "^(a+)+$"}}}
    ),
    "output_is_text": gives("number"),
    "output_type_is_unknown": gives({"type": "objekt"}),
    "output_is_circle": gives({"$ref": "#"}),
    "output_ref_is_remote": gives({"$ref": "http://127.0.0.1:9/schema.json"}),
}
RESULTS = {
    "result_breaks_schema": text("hot") | {"structuredContent": {"t": "hot"}},
    "result_has_no_data": text("hot"),
    "output_pattern_is_slow": text("hot") | {"structuredContent": {"t": "a" * 40 + "!"}},
}

lie = sys.argv[1]
weather = RESULTS.get(lie, text("21") | {"structuredContent": {"t": 21}})
serve({"weather": lambda message: weather}, tools=LIES[lie])
