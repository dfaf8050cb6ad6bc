"""What cannot be sent is raised, warned about or noted; it is never lost in silence."""

from __future__ import annotations

import pytest

from racto.core import UnsupportedFeatureError
from racto.providers.kits import Omissions, UnsupportedFeatureWarning


def test_raising_names_the_field_and_the_way_out() -> None:
    with pytest.raises(UnsupportedFeatureError, match=r"top_k.*on_unsupported") as caught:
        Omissions("raise", provider="openai").omit("top_k", "it has none")
    assert caught.value.feature == "top_k"
    assert caught.value.provider == "openai"


def test_warning_notes_the_field() -> None:
    omissions = Omissions("warn", provider="openai")
    with pytest.warns(UnsupportedFeatureWarning, match="top_k"):
        omissions.omit("top_k", "it has none")
    assert omissions.dropped == ("top_k",)


def test_dropping_notes_each_field_once() -> None:
    omissions = Omissions("drop", provider="openai")
    for _ in range(2):
        omissions.omit("top_k", "it has none")
        omissions.omit("cache", "no")
    assert omissions.dropped == ("top_k", "cache")
