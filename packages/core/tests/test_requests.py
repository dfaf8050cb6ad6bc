"""A resolved request is frozen and complete."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from racto.core import ChatConfig, ChatRequest


def test_a_request_holds_all_that_decides_the_reply() -> None:
    assert [item.name for item in fields(ChatRequest)] == [
        "provider",
        "model",
        "system",
        "config",
        "scope",
    ]
    request = ChatRequest(provider="p", model="m", system="", config=ChatConfig(user_message="hi"))
    assert request.scope == ""
    with pytest.raises(FrozenInstanceError):
        request.scope = "tenant"  # type: ignore[misc]
