"""A missing SDK is an error that prints the line to install it."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from racto.core import MissingExtraError
from racto.providers.connections import http
from racto.providers.openai import sdk


@pytest.mark.parametrize(
    ("name", "load"), [("openai", sdk.openai), ("httpx2", http.httpx.__wrapped__)]
)
def test_the_install_line_is_printed(
    monkeypatch: pytest.MonkeyPatch, name: str, load: Callable[[], object]
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r'pip install "racto-providers\[openai\]"'):
        load()


def test_the_sdk_is_the_one_that_is_promised() -> None:
    assert int(sdk.openai().__version__.partition(".")[0]) == 3
    assert http.httpx().Timeout is sdk.openai().Timeout
