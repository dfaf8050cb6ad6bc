"""How an implementation's methods are compared with the protocol's."""

from __future__ import annotations

from typing import Any, Protocol

import pytest

from racto.core.protocols import VectorStore
from racto.core.testing import DictStore, signature_problems


class Plain(Protocol):
    """A small protocol."""

    def find(self, query: str, top_k: int = 5, *, exact: bool = False) -> list[str]: ...

    @property
    def name(self) -> str: ...


class Open(Protocol):
    """A protocol that takes further options."""

    def find(self, query: str, **options: Any) -> list[str]: ...


def _made(find: Any) -> Any:
    return type("Made", (), {"find": find, "name": "made"})()


@pytest.mark.parametrize(
    "find",
    [
        lambda self, query, top_k=5, *, exact=False: [],
        lambda self, query, top_k=5, more=1, *, exact=False: [],
        lambda self, query, top_k=5, *, exact=False, more=1: [],
        lambda self, query, top_k=5, *more, exact=False, **others: [],
    ],
)
def test_equal_signatures_pass(find: Any) -> None:
    assert signature_problems(Plain, _made(find)) == []


@pytest.mark.parametrize(
    ("find", "problem"),
    [
        (lambda self, query, k=5, *, exact=False: [], "does not take 'top_k'"),
        (
            lambda self, query, top_k=10, *, exact=False: [],
            "'top_k' has the default 10, and should",
        ),
        (lambda self, query, top_k, *, exact=False: [], "'top_k' has no default"),
        (lambda self, query, top_k=5.0, *, exact=False: [], "has the default 5.0"),
        (lambda self, query, top_k=5, exact=False: [], "'exact' is positional or keyword"),
        (lambda self, query, *, top_k=5, exact=False: [], "'top_k' is keyword-only"),
        (lambda self, top_k=5, query="", *, exact=False: [], "in another order"),
        (lambda self, query, first=1, top_k=5, *, exact=False: [], "takes 'first' before top_k"),
        (lambda self, query, top_k=5, *, exact=False, needed: [], "also needs 'needed'"),
        ("text", "is not a method"),
    ],
)
def test_differences_are_named(find: Any, problem: str) -> None:
    found = signature_problems(Plain, _made(find))
    assert any(problem in text for text in found), found
    assert all(text.startswith("Made.find") for text in found)


def test_missing_members_are_named() -> None:
    assert signature_problems(Plain, object()) == [
        "object.find is missing; Plain has it",
        "object.name is missing; Plain has it",
    ]


def test_options_may_have_any_name() -> None:
    assert signature_problems(Open, _made(lambda self, query, **kw: [])) == []
    assert signature_problems(Open, _made(lambda self, query: [])) == [
        "Made.find: does not take **options: 'Any'"
    ]


def test_twins_are_compared_too() -> None:
    class Store(DictStore):
        async def asearch(self, embedding: Any, top_k: int = 10, filters: Any = None) -> Any:
            return await super().asearch(embedding, top_k, filters)

    assert signature_problems(VectorStore, DictStore()) == []
    (problem,) = signature_problems(VectorStore, Store())
    assert problem.startswith("Store.asearch: 'top_k' has the default 10")
