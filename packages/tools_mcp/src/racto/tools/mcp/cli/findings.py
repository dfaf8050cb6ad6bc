"""What is wrong with a server's offers, or will be for a model that is to use them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import mcp_types as types

from racto.core import SchemaError
from racto.tools.mcp.schemas import fitting, tool_schema

from .schema_faults import faults_of
from .surveys import Survey

_LONGEST: Final = 1024
# They show as nothing, and a model reads them: the way to hide orders in a description.
_HIDDEN: Final = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that its server's author should mend, or its user know.

    Attributes:
        kind: Which rule found it, such as ``no-description``.
        subject: What it is about, such as ``tool add``; empty for the server.
        message: What is wrong.
    """

    kind: str
    subject: str
    message: str


def findings_of(survey: Survey) -> list[Finding]:
    """All that is wrong with what a server offers, the server first, then in its own order."""
    found = [*_of_server(survey)]
    for tool in survey.tools:
        found += _of_tool(tool)
    for kind, names in (
        ("tool", [tool.name for tool in survey.tools]),
        ("resource", [resource.uri for resource in survey.resources]),
        ("template", [template.uri_template for template in survey.resource_templates]),
        ("prompt", [prompt.name for prompt in survey.prompts]),
    ):
        found += _doubles(kind, names)
    for prompt in survey.prompts:
        if not prompt.description:
            found.append(_finding("no-description", f"prompt {prompt.name}", "has no description"))
    return found


def kinds() -> dict[str, str]:
    """Every kind of finding, and what it is about."""
    return dict(_KINDS)


def _of_server(survey: Survey) -> Iterator[Finding]:
    server = survey.server
    if not server.name:
        yield _finding("no-name", "", "the server does not say its name")
    if not server.version:
        yield _finding("no-name", "", "the server does not say its version")
    # A list that breaks is often the reason for the visit, so it comes first.
    for name, reason in survey.failures.items():
        yield _finding("list-failed", "", f"{name.replace('_', ' ')} cannot be listed: {reason}")
    for name in ("tools", "resources", "prompts"):
        offered = [getattr(survey, name)]
        if name == "resources":
            offered.append(survey.resource_templates)
        if name in server.capabilities and name not in survey.failures and not any(offered):
            yield _finding(
                "nothing-listed", "", f"the server says it offers {name}, and lists none"
            )


def _of_tool(tool: types.Tool) -> Iterator[Finding]:
    subject = f"tool {tool.name}"
    # Judged under a name that fits, so that only one rule speaks of the name.
    fit = fitting(tool.name)
    if fit != tool.name:
        yield _finding(
            "unfit-name",
            subject,
            f"not every provider takes this name (letters, digits, _ and -, at most 64); {fit!r} "
            "would do",
        )
    try:
        tool_schema(tool, name=fit)
    except SchemaError as error:
        yield _finding("unusable", subject, f"left out by clients of racto: {error.message}")
    for name, schema in (("input", tool.input_schema), ("output", tool.output_schema)):
        if schema is not None:
            for fault in faults_of(schema):
                yield _finding("bad-schema", subject, f"{name} schema, {fault}")
    yield from _of_words(tool, subject)
    yield from _of_annotations(tool, subject)


def _of_words(tool: types.Tool, subject: str) -> Iterator[Finding]:
    text = tool.description or ""
    if not text.strip():
        yield _finding(
            "no-description", subject, "has no description, so no model knows when to use it"
        )
    if len(text) > _LONGEST:
        yield _finding(
            "long-description",
            subject,
            f"its description of {len(text):,} characters is above the {_LONGEST:,} that some "
            "providers take",
        )
    silent = [name for name, schema in _properties(tool) if not _is_described(schema)]
    if silent:
        yield _finding("no-description", subject, f"says nothing of {', '.join(silent)}")
    if _HIDDEN.search("".join(_texts([text, tool.title, tool.input_schema]))):
        yield _finding(
            "hidden-text",
            subject,
            "its texts hold characters that nobody sees and every model reads; look at --json",
        )


def _of_annotations(tool: types.Tool, subject: str) -> Iterator[Finding]:
    said = tool.annotations
    # Clients ask their users about such a tool each time.
    if said is None:
        yield _finding(
            "no-annotations", subject, "does not say whether it only reads, or may destroy"
        )
    elif said.read_only_hint and said.destructive_hint:
        yield _finding("contradiction", subject, "calls itself both read-only and destructive")


def _doubles(kind: str, names: Iterable[str]) -> Iterator[Finding]:
    for name, count in Counter(names).items():
        if count > 1:
            yield _finding(
                "duplicate", f"{kind} {name}", f"is listed {count} times; the first is taken"
            )


def _properties(tool: types.Tool) -> list[tuple[str, Any]]:
    found = tool.input_schema.get("properties")
    return list(found.items()) if isinstance(found, Mapping) else []


def _is_described(schema: Any) -> bool:
    # A definition elsewhere may say it.
    return isinstance(schema, Mapping) and ("description" in schema or "$ref" in schema)


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth < 20 and isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner, depth + 1)
    elif depth < 20 and isinstance(value, list):
        for inner in value:
            yield from _texts(inner, depth + 1)


def _finding(kind: str, subject: str, message: str) -> Finding:
    return Finding(kind=kind, subject=subject, message=message)


_KINDS: Final = {
    "list-failed": "a list that the server promises cannot be had",
    "nothing-listed": "it promises a list, and it is empty",
    "no-name": "the server does not say its name or version",
    "unusable": "a tool that clients of racto leave out",
    "duplicate": "two things with one name",
    "unfit-name": "a name that not every provider takes",
    "bad-schema": "a schema that is none, or contradicts itself",
    "no-description": "nothing says what it is for",
    "long-description": "a description above what some providers take",
    "hidden-text": "characters that nobody sees",
    "no-annotations": "a tool that does not say what it does to the world",
    "contradiction": "annotations that contradict each other",
}
