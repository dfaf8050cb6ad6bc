"""Annotations are resolved one by one, and the one that cannot be is named."""

from __future__ import annotations

import functools
from typing import Annotated, Any

import pytest

from racto.core.errors import SchemaError
from racto.core.signatures import (
    Injected,
    callable_name,
    injected_parameters,
    is_async,
    signature_of,
)


class Session:
    pass


class Adder:
    def __call__(self, a: int, b: int = 2) -> int:
        return a + b


async def later(x: int) -> int:
    return x


def resolved(function: Any) -> dict[str, Any]:
    return {name: p.annotation for name, p in signature_of(function).parameters.items()}


def test_string_annotations_are_resolved() -> None:
    assert resolved(later) == {"x": int}


def test_methods_partials_and_callable_objects() -> None:
    assert resolved(Adder()) == {"a": int, "b": int}
    assert list(resolved(functools.partial(later, 1))) == []
    assert resolved(Adder.__call__) == {"a": int, "b": int}
    assert callable_name(functools.partial(later)) == "later"
    assert callable_name(Adder()) == "Adder"


def test_local_types_in_a_closure_are_found() -> None:
    class Local:
        pass

    def make(x: Local) -> Any:
        return Local

    assert resolved(make) == {"x": Local}


def test_an_unresolvable_annotation_names_function_and_parameter() -> None:
    def broken(good: int, bad: Missing) -> None:  # type: ignore[name-defined]  # noqa: F821
        """Never called."""

    with pytest.raises(SchemaError, match=r"broken\(\).*'Missing'.*'bad'"):
        signature_of(broken)


def test_no_annotation_takes_anything_and_a_none_default_admits_none() -> None:
    def loose(a, b: int = None):  # type: ignore[no-untyped-def,assignment]  # noqa: RUF013
        return a, b

    assert resolved(loose) == {"a": Any, "b": int | None}


def test_a_builtin_without_signature_is_refused() -> None:
    with pytest.raises(SchemaError, match="signature"):
        signature_of(dict)


def test_injected_by_mark_by_type_and_behind_optional() -> None:
    def use(
        a: int,
        marked: Injected[Session],
        typed: Session,
        maybe: Session | None = None,
        other: Annotated[str, "no mark"] = "",
    ) -> None:
        """Never called."""

    signature = signature_of(use)
    assert injected_parameters(signature) == {"marked": Session}
    assert injected_parameters(signature, (Session,)) == {
        "marked": Session,
        "typed": Session,
        "maybe": Session,
    }


def test_async_is_seen_through_partials_and_objects() -> None:
    class Later:
        async def __call__(self) -> None:
            """Do nothing."""

    assert is_async(later)
    assert is_async(functools.partial(later, 1))
    assert is_async(Later())
    assert not is_async(Adder())
    assert not is_async(Session)
