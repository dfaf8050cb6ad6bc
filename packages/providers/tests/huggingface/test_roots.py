"""Addresses of servers, with and without the version that every path begins with."""

from __future__ import annotations

import pytest

from racto.providers.huggingface.roots import ROUTER, root_of


@pytest.mark.parametrize(
    "address",
    [
        "http://tgi:8080",
        "http://tgi:8080/",
        "http://tgi:8080/v1",
        "http://tgi:8080/v1/",
        "http://tgi:8080/v1/chat/completions",
    ],
)
def test_every_form_has_one_root(address: str) -> None:
    assert root_of(address) == "http://tgi:8080"


def test_without_any_it_is_the_router() -> None:
    assert root_of(None) == ROUTER
    assert root_of(f"{ROUTER}/groq/openai/v1") == f"{ROUTER}/groq/openai"
