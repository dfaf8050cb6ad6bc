"""What a server remembers of its responses."""

from __future__ import annotations

from typing import Any

import pytest

from racto.testing.openai.response_store import ResponseStore, StoredResponse
from racto.testing.refusals import Refusal


def stored(id: str, *, previous: str | None = None, **options: Any) -> StoredResponse:
    message = {"id": f"msg_{id}", "type": "message"}
    body = {"id": id, "output": [message], "previous_response_id": previous, "status": "completed"}
    return StoredResponse(body, asked=[{"id": f"asked_{id}"}], **options)


def test_the_oldest_are_forgotten() -> None:
    store = ResponseStore()
    for number in range(3000):
        store.keep(stored(f"resp_{number}"))
    assert store.find("resp_2999").id == "resp_2999"
    assert store.item("msg_resp_2999")
    assert store.item("msg_resp_0") is None
    with pytest.raises(Refusal):
        store.find("resp_0")


def test_a_conversation_is_read_from_its_beginning() -> None:
    store = ResponseStore()
    store.keep(stored("a"))
    store.keep(stored("b", previous="a"))
    ids = [item["id"] for item in store.before("b")]
    assert ids == ["asked_a", "msg_a", "asked_b", "msg_b"]
    assert store.before(None) == []
    store.forget("a")
    assert store.item("msg_a") is None
    with pytest.raises(Refusal):
        store.before("b")


def test_a_response_in_the_background_can_be_stopped_until_it_ends() -> None:
    waiting, done = stored("a", is_background=True), stored("b", is_background=True)
    waiting.go_on()
    waiting.cancel()
    for _ in range(5):
        done.go_on()
    done.cancel()
    assert waiting.body["status"] == "cancelled"
    assert waiting.output == []
    assert done.body["status"] == "completed"
