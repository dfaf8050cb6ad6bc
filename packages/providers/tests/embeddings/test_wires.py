"""What a call may ask for: numbers that make sense, and only what the API can do."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core import ConfigurationError, UnsupportedFeatureError
from racto.providers.embeddings import EmbeddingCall, check_support


@pytest.mark.parametrize("name", ["dimensions", "batch_size", "batch_bytes", "at_once"])
def test_numbers_below_one_are_refused_by_name(name: str) -> None:
    numbers: dict[str, Any] = {"model": "m", name: 0}
    with pytest.raises(ConfigurationError, match=name):
        EmbeddingCall(**numbers)


def test_what_the_api_cannot_do_is_refused() -> None:
    check_support(EmbeddingCall(model="m", dimensions=3), provider="p")
    check_support(
        EmbeddingCall(model="m", input_type="query"), provider="p", input_types=("query",)
    )
    with pytest.raises(UnsupportedFeatureError, match="m; leave dimensions out") as caught:
        check_support(EmbeddingCall(model="m", dimensions=3), provider="p", dimensions=False)
    assert caught.value.feature == "dimensions"
    with pytest.raises(UnsupportedFeatureError, match="does not tell queries") as caught:
        check_support(EmbeddingCall(model="m", input_type="query"), provider="p")
    assert (caught.value.feature, caught.value.provider) == ("input_type", "p")
    with pytest.raises(UnsupportedFeatureError, match=r"'query' or 'document'.*not 'poem'"):
        check_support(
            EmbeddingCall(model="m", input_type="poem"),
            provider="p",
            input_types=("query", "document"),
        )
