"""Compares an implementation's methods with its protocol's: names, kinds and defaults."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from inspect import Parameter
from typing import Any

_VARIADIC = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


def members_of(protocol: type) -> dict[str, Any]:
    """The public members of a protocol and of those it extends, by name."""
    found: dict[str, Any] = {}
    # Bases first, so that a protocol's own members stand over inherited ones.
    for kind in reversed(protocol.__mro__):
        if getattr(kind, "_is_protocol", False):
            found |= {name: item for name, item in vars(kind).items() if name[0] != "_"}
    return found


def missing_members(protocol: type, subject: object) -> list[str]:
    """Names of the protocol's members that an object lacks."""
    return [name for name in members_of(protocol) if not hasattr(subject, name)]


def signature_problems(protocol: type, subject: object) -> list[str]:
    """One line for each way in which an object's methods differ from the protocol's.

    Parameters must have the protocol's names, kinds, defaults and order. Further ones are
    allowed at the end or by keyword when they have defaults.

    Args:
        protocol: The protocol.
        subject: The implementation: an instance, not its class.
    """
    problems = []
    for name, member in members_of(protocol).items():
        where = f"{type(subject).__name__}.{name}"
        if not hasattr(subject, name):
            problems.append(f"{where} is missing; {protocol.__name__} has it")
        elif inspect.isfunction(member):
            # Asked of the instance: then self is bound, also for classmethods and partials.
            found = getattr(subject, name)
            if callable(found):
                problems += [f"{where}: {text}" for text in _differences(member, found)]
            else:
                problems.append(f"{where} is not a method, but {found!r}")
    return problems


def _differences(wanted: Any, found: Any) -> Iterator[str]:
    expected = list(inspect.signature(wanted).parameters.values())[1:]
    actual = inspect.signature(found).parameters
    for parameter in expected:
        if parameter.kind in _VARIADIC:
            # What **options are called is nobody's business, only that they are taken.
            if all(other.kind is not parameter.kind for other in actual.values()):
                yield f"does not take {parameter}"
        elif parameter.name not in actual:
            yield f"does not take {parameter.name!r}"
        else:
            yield from _difference(parameter, actual[parameter.name])
    names = [parameter.name for parameter in expected if parameter.kind not in _VARIADIC]
    shared = [name for name in actual if name in names]
    if shared != [name for name in names if name in actual]:
        yield f"takes {', '.join(shared)} in another order than {', '.join(names)}"
    yield from _extras(names, list(actual.values()))


def _difference(wanted: Parameter, found: Parameter) -> Iterator[str]:
    if wanted.kind is not found.kind:
        kinds = f"is {found.kind.description}, and should be {wanted.kind.description}"
        yield f"{wanted.name!r} {kinds}"
    one, two = wanted.default, found.default
    # 1, 1.0 and True are equal, and still different defaults.
    if type(one) is not type(two) or one != two:
        shown = ["no default" if x is Parameter.empty else f"the default {x!r}" for x in (two, one)]
        yield f"{wanted.name!r} has {shown[0]}, and should have {shown[1]}"


def _extras(names: list[str], actual: list[Parameter]) -> Iterator[str]:
    for position, parameter in enumerate(actual):
        if parameter.name in names or parameter.kind in _VARIADIC:
            continue
        if parameter.default is Parameter.empty:
            yield f"also needs {parameter.name!r}, which callers of the protocol do not know"
        elif parameter.kind is not Parameter.KEYWORD_ONLY:
            later = [p.name for p in actual[position:] if p.name in names and _is_positional(p)]
            if later:
                yield f"takes {parameter.name!r} before {', '.join(later)}"


def _is_positional(parameter: Parameter) -> bool:
    return parameter.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
