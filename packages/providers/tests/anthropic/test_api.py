"""Versions of the API, as a kit's headers ask for them."""

from __future__ import annotations

from racto.providers.anthropic.api import CURRENT, APIVersion


def test_headers_choose_the_version() -> None:
    assert APIVersion.of({}) == CURRENT
    old = APIVersion.of({"anthropic-version": "2023-06-01"})
    assert old.is_old
    assert not CURRENT.is_old
    assert not APIVersion(date="2027-03-01").is_old


def test_headers_name_betas() -> None:
    assert APIVersion.of({"anthropic-beta": "a-1, b-2,"}).betas == ("a-1", "b-2")
