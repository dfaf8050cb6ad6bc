"""Settings are checked before anything is connected, and the token is not shown."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core.errors import ConfigurationError
from racto.stores.milvus import MilvusSettings, MilvusStore


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"collection": "a-b"}, "collection"),
        ({"collection": "a; drop"}, "collection"),
        ({"collection": ""}, "collection"),
        ({"metric_type": "HAMMING"}, "metric_type"),
        ({"consistency_level": "Weak"}, "consistency_level"),
        ({"batch_size": 0}, "batch_size"),
        ({"batch_bytes": 0}, "batch_bytes"),
        ({"timeout": 0}, "timeout"),
        ({"dimension": -1}, "dimension"),
        ({"uri": "folder/without/ending"}, r"\.db"),
    ],
)
def test_what_is_out_of_range_is_named(options: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        MilvusStore(**options)


def test_host_and_port_make_the_address() -> None:
    assert MilvusStore(host="m", port=1)._settings.uri == "http://m:1"
    assert MilvusStore(host="m", uri="https://z:2")._settings.uri == "https://z:2"


def test_the_token_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MILVUS_TOKEN", "root:hush-hush")
    store = MilvusStore()
    assert store._settings.token == "root:hush-hush"
    assert "hush" not in repr(store) + repr(store._settings)


def test_the_defaults_are_the_references() -> None:
    settings = MilvusSettings(collection="ractogateway", uri="http://localhost:19530")
    assert MilvusStore()._settings == settings
    assert (settings.metric, settings.batch_size, settings.dimension) == ("IP", 100, None)
