"""Faults in a request's fields, in OpenAI's words and codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails

from racto.testing.refusals import Refusal

from .failures import refusal

# What pydantic calls a wrong type, as the type that the API would have liked.
_EXPECTED = {
    "string_type": "a string",
    "literal_error": "a string",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a decimal",
    "bool_type": "a boolean",
    "list_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "none_required": "null",
}
_QUOTED = re.compile(r"'[^']*'|\b(?:True|False)\b")


def fault_of(
    faults: Sequence[ErrorDetails], place: tuple[str | int, ...], *, classic: bool = False
) -> Refusal:
    """The refusal for what is wrong at one place.

    Args:
        faults: Pydantic's words for it, one for each type that would have done.
        place: The place in the body.
        classic: Word an unknown argument as the older endpoints do.
    """
    param = dotted(place)
    first = faults[0]
    kind = first["type"]
    if kind == "extra_forbidden" and classic and len(place) == 1:
        return refusal(f"Unrecognized request argument supplied: {param}")
    if is_of_type(first):
        return _wrong_type(faults, param)
    if kind in _WORDS:
        return _WORDS[kind](first, param)
    return refusal(f"Invalid '{param}': {first['msg']}.", param=param, code="invalid_value")


def is_of_type(fault: ErrorDetails) -> bool:
    """Whether the type itself is wrong; so is an object where one of a few words would do."""
    if fault["type"] == "literal_error":
        return not isinstance(fault["input"], str)
    return fault["type"] in _EXPECTED


def dotted(place: Sequence[str | int]) -> str:
    """A place as the API writes it: ``messages[0].role``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")


def invalid_value(param: str, given: object, supported: Sequence[str]) -> Refusal:
    """The refusal of a word that is none of those which the API knows."""
    *others, last = [f"'{word}'" for word in supported]
    known = f"{', '.join(others)}, and {last}" if len(others) > 1 else " and ".join([*others, last])
    return refusal(
        f"Invalid value: '{given}'. Supported values are: {known}.",
        param=param,
        code="invalid_value",
    )


def missing(param: str) -> Refusal:
    """The refusal of a request without a field that it needs."""
    # The one field with words of its own, in every endpoint.
    if param == "model":
        return refusal("you must provide a model parameter")
    return refusal(
        f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter"
    )


def _wrong_type(faults: Sequence[ErrorDetails], param: str) -> Refusal:
    wanted = list(dict.fromkeys(_EXPECTED[fault["type"]] for fault in faults))
    expected = wanted[0] if len(wanted) == 1 else f"one of {' or '.join(wanted)}"
    return _mistyped(param, expected, faults[0]["input"])


def _mistyped(param: str, expected: str, given: object) -> Refusal:
    return refusal(
        f"Invalid type for '{param}': expected {expected}, but got {_told(given)} instead.",
        param=param,
        code="invalid_type",
    )


def _told(value: object) -> str:
    names = {str: "a string", bool: "a boolean", int: "an integer", float: "a decimal"}
    names |= {list: "an array", dict: "an object", type(None): "null"}
    return names[type(value)]


def _literal(fault: ErrorDetails, param: str) -> Refusal:
    known = [word.strip("'") for word in _QUOTED.findall(str(_context(fault)["expected"]))]
    return invalid_value(param, fault["input"], known)


def _tag(fault: ErrorDetails, param: str) -> Refusal:
    context = _context(fault)
    known = [word.strip("'") for word in _QUOTED.findall(str(context["expected_tags"]))]
    return invalid_value(f"{param}.{_tag_name(fault)}", context["tag"], known)


def _no_tag(fault: ErrorDetails, param: str) -> Refusal:
    return missing(f"{param}.{_tag_name(fault)}")


def _tag_name(fault: ErrorDetails) -> str:
    return str(_context(fault)["discriminator"]).strip("'")


def _hosted_type(fault: ErrorDetails, param: str) -> Refusal:
    context = _context(fault)
    return invalid_value(f"{param}.type", context["given"], context["known"])


def _hosted_missing(fault: ErrorDetails, param: str) -> Refusal:
    return missing(f"{param}.{_context(fault)['field']}")


def _hosted_text(fault: ErrorDetails, param: str) -> Refusal:
    context = _context(fault)
    return _mistyped(f"{param}.{context['field']}", "a string", context["given"])


def _hosted_unknown(fault: ErrorDetails, param: str) -> Refusal:
    return _unknown(fault, f"{param}.{_context(fault)['field']}")


def _unknown(fault: ErrorDetails, param: str) -> Refusal:
    return refusal(f"Unknown parameter: '{param}'.", param=param, code="unknown_parameter")


def _missing(fault: ErrorDetails, param: str) -> Refusal:
    return missing(param)


def _range(fault: ErrorDetails, param: str) -> Refusal:
    context, given = _context(fault), fault["input"]
    # An integer that is out of a range of decimals is called a decimal.
    number = "integer" if isinstance(given, int) and isinstance(_limit(context), int) else "decimal"
    side, sign = ("minimum", ">=") if "ge" in context else ("maximum", "<=")
    way = "below" if side == "minimum" else "above"
    return refusal(
        f"Invalid '{param}': {number} {way} {side} value. Expected a value {sign}"
        f" {_limit(context):g}, but got {given} instead.",
        param=param,
        code=f"{number}_{way}_{side[:3]}_value",
    )


def _limit(context: Mapping[str, Any]) -> float:
    limit: float = context["ge"] if "ge" in context else context["le"]
    return limit


def _short(fault: ErrorDetails, param: str) -> Refusal:
    noun = "string" if fault["type"].startswith("string") else "array"
    least = _context(fault)["min_length"]
    article = "a" if noun == "string" else "an"
    return refusal(
        f"Invalid '{param}': empty {noun}. Expected {article} {noun} with minimum length {least},"
        f" but got an empty {noun} instead.",
        param=param,
        code=f"empty_{noun}",
    )


def _long(fault: ErrorDetails, param: str) -> Refusal:
    nouns: Mapping[type, str] = {str: "string", list: "array"}
    noun = nouns.get(type(fault["input"]), "object")
    article = "a" if noun == "string" else "an"
    return refusal(
        f"Invalid '{param}': {noun} too long. Expected {article} {noun} with maximum length"
        f" {_context(fault)['max_length']}, but got {article} {noun} with length"
        f" {len(fault['input'])} instead.",
        param=param,
        code=f"{noun}_above_max_length",
    )


def _pattern(fault: ErrorDetails, param: str) -> Refusal:
    return refusal(
        f"Invalid '{param}': string does not match pattern. Expected a string that matches the"
        f" pattern '{_context(fault)['pattern']}'.",
        param=param,
        code="invalid_value",
    )


def _context(fault: ErrorDetails) -> Mapping[str, Any]:
    return fault.get("ctx", {})


_WORDS: Mapping[str, Callable[[ErrorDetails, str], Refusal]] = {
    "extra_forbidden": _unknown,
    "missing": _missing,
    "literal_error": _literal,
    "union_tag_invalid": _tag,
    "union_tag_not_found": _no_tag,
    "greater_than_equal": _range,
    "less_than_equal": _range,
    "too_short": _short,
    "string_too_short": _short,
    "too_long": _long,
    "string_too_long": _long,
    "string_pattern_mismatch": _pattern,
    "hosted_type": _hosted_type,
    "hosted_missing": _hosted_missing,
    "hosted_text": _hosted_text,
    "hosted_unknown": _hosted_unknown,
}
