"""Schemas of tools in the words that Ollama shows to models; all other words become prose.

Ollama keeps type, description, enum, items, properties and anyOf of a parameter, and drops the
rest before the model sees it: references, limits, defaults, and what nested objects require. So
references are written out, and the rest moves into the description, where the model reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_SHOWN = frozenset(["type", "description", "enum", "items", "properties", "anyOf"])

# They say nothing that a model needs.
_SILENT = frozenset(
    ["title", "$defs", "definitions", "$schema", "discriminator", "examples", "$comment"]
)

_MOST_WRITTEN_OUT = 200


def shown_parameters(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a tool as Ollama can show them whole.

    Args:
        schema: JSON Schema of the arguments; not modified.
    """
    # Older drafts keep their definitions elsewhere, where Ollama drops them.
    text = json.dumps(schema).replace('"#/definitions/', '"#/$defs/')
    schema = json.loads(text)
    definitions = {**schema.get("definitions", {}), **schema.get("$defs", {})}
    writer = _Writer(definitions)
    root = writer.followed(schema, set())
    properties = root.get("properties", {})
    shown: dict[str, Any] = {
        "type": "object",
        "properties": {name: writer.shown(each, set()) for name, each in properties.items()},
    }
    if root.get("required"):
        shown["required"] = root["required"]
    # Elements of arrays, and shapes that contain themselves, still refer to them.
    if "#/$defs/" in json.dumps(shown):
        shown["$defs"] = definitions
    return shown


class _Writer:
    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        # A schema of twenty lines can refer to itself a million times.
        self._left = _MOST_WRITTEN_OUT

    def shown(self, schema: Any, above: set[str]) -> dict[str, Any]:
        """A schema in the words that are shown.

        Args:
            schema: The schema.
            above: Definitions that it lies in.
        """
        if not isinstance(schema, Mapping):
            return {}
        inside = set(above)
        words = self.followed(schema, inside)
        if "$ref" in words:
            return {"type": "object", "description": f"as defined at {words['$ref']}"}
        if "oneOf" in words:
            words["anyOf"] = words.pop("oneOf")
        if "const" in words:
            words["enum"] = [words.pop("const")]
        # That nothing else is allowed is what models assume.
        if isinstance(words.get("additionalProperties"), bool):
            del words["additionalProperties"]
        kept = {word: value for word, value in words.items() if word in _SHOWN}
        if isinstance(kept.get("properties"), dict):
            inner = kept["properties"].items()
            kept["properties"] = {name: self.shown(each, inside) for name, each in inner}
        if isinstance(kept.get("anyOf"), list):
            kept["anyOf"] = [self.shown(each, inside) for each in kept["anyOf"]]
        return _with_prose(kept, words)

    def followed(self, schema: Mapping[str, Any], above: set[str]) -> dict[str, Any]:
        """A copy whose own reference, or lone ``allOf``, is written out; adds what it entered."""
        words = dict(schema)
        while True:
            name = str(words.get("$ref", "")).removeprefix("#/$defs/")
            found, parts = self._definitions.get(name), words.get("allOf")
            if isinstance(found, dict) and name not in above and self._left:
                self._left -= 1
                above.add(name)
                del words["$ref"]
                words = {**found, **words}
            elif isinstance(parts, list) and len(parts) == 1 and isinstance(parts[0], dict):
                del words["allOf"]
                words = {**parts[0], **words}
            else:
                return words


def _with_prose(kept: dict[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    told = [
        f"{word}: {json.dumps(value, ensure_ascii=False)}"
        for word, value in words.items()
        if word not in _SHOWN and word not in _SILENT
    ]
    if told:
        kept["description"] = f"{kept.get('description', '')} ({'; '.join(told)})".strip()
    return kept
