"""The connection: each key is sent to whoever gave it."""

from __future__ import annotations

from typing import Any

import pytest

from racto.providers.voyage import connection
from racto.providers.voyage.connection import connect


@pytest.mark.parametrize(
    ("options", "root"),
    [
        ({"api_key": "pa-123"}, "https://api.voyageai.com/v1"),
        ({"api_key": "al-123"}, "https://ai.mongodb.com/v1"),
        ({"api_key": "al-123", "base_url": "http://127.0.0.1:1/v1"}, "http://127.0.0.1:1/v1"),
    ],
)
def test_the_key_decides_the_address(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], root: str
) -> None:
    asked: list[str] = []

    class Dialer(connection.VoyageDialer):
        def __init__(self, base_url: str, **settings: object) -> None:
            asked.append(base_url)
            super().__init__(base_url, extra="voyage")

    monkeypatch.setattr(connection, "VoyageDialer", Dialer)
    connect(**options)
    assert asked == [root]
