"""Messages, lists and maps of JSON, read as Google's servers read them.

Every field has two spellings, ``maxOutputTokens`` and ``max_output_tokens``; what is read has the
first. A single value passes for a list of one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .protojson import PACKAGE, Faults, Kind

# A payload that is nested deeper is refused by the real parser too.
_DEEPEST = 100
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a message.

    Attributes:
        name: Its name in camelCase, which is what a read message has.
        path: Its name in snake_case, as faults tell it.
        kind: Its type.
        group: The group of fields of which a message has one at most; empty for none.
        vertex: Whether only Vertex AI has it.
    """

    name: str
    path: str
    kind: Kind
    group: str = ""
    vertex: bool = False


class Message:
    """An object with fields of known names and types.

    Args:
        name: Google's name for the type.
        fields: The fields, names in camelCase.
        oneof: Groups of fields of which at most one is set, names separated by blanks.
        vertex: Fields that only Vertex AI has.
    """

    def __init__(
        self,
        name: str,
        fields: Mapping[str, Kind],
        *,
        oneof: Mapping[str, str] | None = None,
        vertex: Mapping[str, Kind] | None = None,
    ) -> None:
        self._name = name
        self._groups = {each: key for key, names in (oneof or {}).items() for each in names.split()}
        # Both spellings lead to one field, so that reading is a single look-up.
        self._fields: dict[str, Field] = {}
        self.define(fields)
        self.define(vertex or {}, vertex=True)

    @property
    def names(self) -> frozenset[str]:
        """The names of all fields, in camelCase."""
        return frozenset(field.name for field in self._fields.values())

    def define(self, fields: Mapping[str, Kind], *, vertex: bool = False) -> None:
        """Add fields, such as those that hold messages of this very type.

        Args:
            fields: The fields, names in camelCase.
            vertex: Whether only Vertex AI has them.
        """
        for name, kind in fields.items():
            path = _CAPITAL.sub("_", name).lower()
            group = self._groups.get(name, "")
            field = Field(name=name, path=path, kind=kind, group=group, vertex=vertex)
            self._fields[name] = self._fields[path] = field

    def read(self, value: Any, at: str, faults: Faults) -> Any:
        """The message with the fields that are set and sound."""
        if not isinstance(value, dict):
            _refuse(value, at, f"{PACKAGE}{self._name}", faults)
            return {}
        if at.count(".") > _DEEPEST:
            faults.found.append((at, "Message too deep. Max recursion depth reached."))
            return {}
        found: dict[str, Any] = {}
        groups: set[str] = set()
        for name, inner in value.items():
            field = self._fields.get(name)
            if field is None or (field.vertex and not faults.vertex):
                faults.unknown(name, at)
            # A null is a field that is not set, and takes no place in a group.
            elif inner is not None:
                if field.group in groups:
                    told = f"oneof field '{field.group}' is already set. Cannot set '{field.name}'"
                    faults.invalid(at, "oneof", told)
                elif field.group:
                    groups.add(field.group)
                place = f"{at}.{field.path}" if at else field.path
                found[field.name] = field.kind.read(inner, place, faults)
        return found


class Repeated:
    """A list of values of one type.

    Args:
        kind: Type of its items.
    """

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    def read(self, value: Any, at: str, faults: Faults) -> Any:
        """The items; one that is no list becomes one."""
        items = value if isinstance(value, list) else [value]
        read = self._kind.read
        return [read(item, f"{at}[{number}]", faults) for number, item in enumerate(items)]


class Table:
    """A map from text to values of one type.

    Args:
        kind: Type of its values.
    """

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    def read(self, value: Any, at: str, faults: Faults) -> Any:
        """The map with its values read."""
        if not isinstance(value, dict):
            _refuse(value, at, "Map", faults)
            return {}
        read = self._kind.read
        return {
            # Google counts the entries of a map, as if it were a list of pairs.
            key: read(inner, f"{at}[{number}].value", faults)
            for number, (key, inner) in enumerate(value.items())
        }


def _refuse(value: Any, at: str, kind: str, faults: Faults) -> None:
    # The root has no name by which the other words could tell it.
    if isinstance(value, list) and at:
        place, _, name = at.rpartition(".")
        faults.unknown(name, place, "Proto field is not repeating, cannot start list.")
    else:
        faults.invalid(at, kind, json.dumps(value, ensure_ascii=False))
