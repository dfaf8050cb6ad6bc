"""The fields of a form that a server wants filled in: what to ask for, and how to read an answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from racto.core.conformity import problems
from racto.core.tool_schemas import ParamSchema, list_parameters

from .values import typed

_KINDS: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "yes or no",
    "array": "list",
    "object": "JSON object",
}
_LIMITS: Final = (
    ("minimum", "at least {}"),
    ("maximum", "at most {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} of them"),
    ("maxItems", "at most {} of them"),
    ("format", "{}"),
)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of several values.

    Attributes:
        value: The value.
        title: Its name for people.
    """

    value: Any
    title: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """One question of a form.

    Attributes:
        param: Its name, type and default.
        schema: Its schema.
        choices: The values to choose from; empty when it is free.
        is_several: Whether several of them may be chosen.
    """

    param: ParamSchema
    schema: Mapping[str, Any]
    choices: tuple[Choice, ...] = ()
    is_several: bool = False

    @property
    def heading(self) -> str:
        """What is asked for: title or name, and description."""
        name, title = self.param.name, self.schema.get("title")
        # Many schemas make up a title of the name, which tells nothing more.
        is_same = str(title or name).lower().replace(" ", "_") == name.lower()
        named = name if is_same else f"{title} ({name})"
        about = self.param.description
        return f"{named}: {about}" if about else named

    @property
    def hint(self) -> str:
        """What an answer looks like."""
        if self.choices:
            kind = "numbers, with commas between" if self.is_several else "number of a choice"
        else:
            kind = _KINDS.get(self.param.type, "text")
        words = [kind]
        words += [said.format(self.schema[key]) for key, said in _LIMITS if key in self.schema]
        if self.param.default is not None:
            words.append(f"Enter takes {self._shown(self.param.default)}")
        elif not self.param.required:
            words.append("Enter skips it")
        return ", ".join(words)

    def read(self, text: str) -> Any:
        """The answer as a value.

        Raises:
            ValueError: If it does not fit; says why.
        """
        if self.choices:
            chosen = [self._chosen(piece.strip()) for piece in self._pieces(text)]
            value = chosen if self.is_several else chosen[0]
        else:
            value = typed(text, self.param, fits=self._fits)
        # Here and not at the server, whose complaint would end the call.
        if found := problems(value, self.schema, path=self.param.name):
            raise ValueError("; ".join(found))
        return value

    def _pieces(self, text: str) -> Sequence[str]:
        return text.split(",") if self.is_several else [text]

    def _chosen(self, text: str) -> Any:
        if text.isdecimal() and 1 <= int(text) <= len(self.choices):
            return self.choices[int(text) - 1].value
        for choice in self.choices:
            if text.lower() in (str(choice.value).lower(), choice.title.lower()):
                return choice.value
        raise ValueError(f"{text!r} is none of the choices")

    def _fits(self, value: Any) -> bool:
        return not problems(value, self.schema)

    def _shown(self, value: Any) -> str:
        values = value if isinstance(value, list) else [value]
        titles = {json.dumps(choice.value): choice.title for choice in self.choices}
        # As the question words it.
        if isinstance(value, bool):
            return "yes" if value else "no"
        return ", ".join(titles.get(json.dumps(one), str(one)) for one in values)


def fields_of(schema: Mapping[str, Any]) -> list[Field]:
    """The fields of a form, in its order.

    Args:
        schema: JSON Schema of the answer: an object of plain fields.
    """
    properties = schema.get("properties") or {}
    found = []
    for param in list_parameters(schema):
        own = properties[param.name]
        # Of a list, the elements hold the choices.
        is_several = param.type == "array"
        held = own.get("items") if is_several else own
        choices = _choices(held if isinstance(held, Mapping) else {})
        found.append(
            Field(
                param=param,
                schema=own,
                choices=choices,
                is_several=is_several and bool(choices),
            )
        )
    return found


def _choices(schema: Mapping[str, Any]) -> tuple[Choice, ...]:
    """Values with titles, in each of the ways that versions of the protocol write them."""
    # Titles may be fewer than values, or missing.
    if isinstance(values := schema.get("enum"), list):
        titles = schema.get("enumNames") or []
        named = [*titles, *map(str, values[len(titles) :])]
        return tuple(
            Choice(value=value, title=str(title))
            for value, title in zip(values, named, strict=False)
        )
    # Today's way: each value with its title.
    listed = schema.get("oneOf") or schema.get("anyOf") or ()
    return tuple(
        Choice(value=one["const"], title=str(one.get("title", one["const"])))
        for one in listed
        if isinstance(one, Mapping) and "const" in one
    )
