"""What the client raises becomes the error of racto that says what to do."""

from __future__ import annotations

import pytest
from pymilvus.exceptions import MilvusException

from racto.core.errors import (
    APIConnectionError,
    ConfigurationError,
    NotFoundError,
    RactoGatewayAuthError,
    RactoGatewayTimeoutError,
    RateLimitError,
    StoreError,
)
from racto.stores.milvus.failures import translated


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (MilvusException(100, "collection 'x' does not exist"), NotFoundError),
        (MilvusException(8, "slow down"), RateLimitError),
        (MilvusException(1400, "wrong"), RactoGatewayAuthError),
        (MilvusException(65535, "auth check failure, please check"), RactoGatewayAuthError),
        (MilvusException(2, "Fail connecting to server"), APIConnectionError),
        (MilvusException(1, "[search] Retry timeout: 3s"), RactoGatewayTimeoutError),
        (MilvusException(1, "StatusCode.UNAVAILABLE"), APIConnectionError),
        (TimeoutError(), RactoGatewayTimeoutError),
        (MilvusException(6, "vector field expects"), StoreError),
        (ValueError("surrogates not allowed"), StoreError),
    ],
)
def test_each_has_its_kind(error: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=r"^search 'x' at y: ") as caught, translated("search 'x' at y"):
        raise error
    assert caught.value.__cause__ is error


def test_a_long_reason_is_cut_and_a_secret_hidden() -> None:
    error = MilvusException(6, "password=abcd1234 " + "x" * 900 + "\nTraceback")
    with pytest.raises(StoreError) as caught, translated("add"):
        raise error
    said = str(caught.value)
    assert len(said) < 400
    assert "abcd1234" not in said
    assert "Traceback" not in said


def test_errors_of_racto_pass() -> None:
    with pytest.raises(ConfigurationError), translated("add"):
        raise ConfigurationError("top_k")
