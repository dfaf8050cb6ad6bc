"""Bodies and events are JSON objects, or an error that shows their beginning."""

from __future__ import annotations

import re
from typing import Any

import pytest

from racto.core import InvalidResponseError, RateLimitError
from racto.providers.connections import Translator, Vocabulary
from racto.providers.connections.payloads import load_event, load_reply
from racto.providers.kits import WireReply

TRANSLATOR = Translator("them", Vocabulary(codes={"slow": RateLimitError}))


def as_reply(text: str) -> Any:
    return load_reply(WireReply(body=text.encode(), request_id="r"), TRANSLATOR)


def as_event(text: str) -> Any:
    return load_event(text, TRANSLATOR, "r")


@pytest.mark.parametrize("load", [as_reply, as_event])
def test_an_object_is_loaded_and_all_else_is_an_error(load: Any) -> None:
    assert load('{"a": 1, "error": null}') == {"a": 1, "error": None}
    for text in ("{", "{half", "[1]", "7", "null", "[" * 100_000):
        with pytest.raises(InvalidResponseError, match=re.escape(text[:9])) as caught:
            load(text)
        assert caught.value.request_id == "r"


@pytest.mark.parametrize("load", [as_reply, as_event])
def test_an_error_inside_is_an_error(load: Any) -> None:
    with pytest.raises(RateLimitError, match="wait") as caught:
        load('{"error": {"message": "wait", "code": "slow"}}')
    assert caught.value.request_id == "r"
