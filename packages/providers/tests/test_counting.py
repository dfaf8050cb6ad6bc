"""Kits that count tell it in the same words, in both voices."""

from __future__ import annotations

import inspect

import pytest

from racto.providers.anthropic import AnthropicDeveloperKit
from racto.providers.counting import CountingPower
from racto.providers.google import GoogleDeveloperKit


@pytest.mark.parametrize("kit", [AnthropicDeveloperKit, GoogleDeveloperKit])
def test_kits_that_count_share_one_method(kit: type) -> None:
    assert issubclass(kit, CountingPower)
    for name in ("count_input_tokens", "acount_input_tokens"):
        assert getattr(kit, name) is getattr(CountingPower, name)


def test_both_voices_take_the_same() -> None:
    plain, twin = CountingPower.count_input_tokens, CountingPower.acount_input_tokens
    assert inspect.signature(plain) == inspect.signature(twin)
