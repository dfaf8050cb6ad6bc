"""Who may say what, in which order, and that it is something."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

OLD = "2023-06-01"
HELLO = {"role": "user", "content": "hi"}
HEY = {"role": "assistant", "content": "hey"}
RULE = {"role": "system", "content": "be brief"}
SEARCH = {
    "type": "server_tool_use",
    "id": "srvtoolu_1",
    "name": "web_search",
    "input": {"query": "x"},
}
FOUND = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}
PAUSED = {"role": "assistant", "content": [SEARCH, FOUND]}
DOCUMENT = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": "words"},
}
CITATION = {
    "type": "char_location",
    "cited_text": "w",
    "document_index": 0,
    "document_title": None,
    "start_char_index": 0,
    "end_char_index": 1,
}


def user(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def model(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


def words(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": text, **more}


@pytest.mark.parametrize(
    "messages",
    [
        [HELLO, HELLO],
        [HELLO, HEY, HELLO],
        [HELLO, HEY, HEY, HELLO],
        [HELLO, RULE],
        [HELLO, RULE, HEY, HELLO],
        [HELLO, PAUSED, RULE],
        # A paused turn is continued by sending it back.
        [HELLO, PAUSED],
        [HELLO, model(words("hey", citations=[CITATION])), HELLO],
        [user(words("a"), DOCUMENT, {"type": "container_upload", "file_id": "f"})],
        [
            user(
                {
                    "type": "search_result",
                    "source": "s",
                    "title": "t",
                    "content": [words("found")],
                    "citations": {"enabled": True},
                },
            )
        ],
    ],
)
def test_a_conversation_in_order_is_taken(
    taken: Callable[..., None], messages: list[dict[str, Any]]
) -> None:
    taken(messages=messages)


@pytest.mark.parametrize(
    ("messages", "objection"),
    [
        ([], "messages: at least one message is required"),
        ([HEY, HELLO], 'messages: first message must use the "user" role'),
        ([HELLO, HEY], "This model does not support assistant message prefill."),
        ([RULE, HEY, HELLO], "messages.0: role 'system' must follow a 'user' message"),
        ([HELLO, HEY, RULE], "messages.2: role 'system' must follow a 'user' message"),
        ([HELLO, RULE, RULE], "messages.1: role 'system' must be the last message"),
        ([HELLO, RULE, HELLO], "messages.1: role 'system' must be the last message or be followed"),
        ([user()], "messages.0: all messages must have non-empty content"),
        ([HELLO, model(), HELLO], "messages.1: all messages must have non-empty content"),
        ([user(words(""))], "messages: text content blocks must be non-empty"),
        ([{"role": "user", "content": ""}], "messages: text content blocks must be non-empty"),
        ([user(words(" \n"))], "messages: text content blocks must contain non-whitespace text"),
        ([user(SEARCH)], "messages.0.content.0: `server_tool_use` blocks cannot be in `user`"),
        ([HELLO, model(DOCUMENT), HELLO], "messages.1.content.0: `document` blocks cannot be in"),
        (
            [HELLO, {"role": "system", "content": [DOCUMENT]}],
            "messages.1.content.0: `document` blocks cannot be in `system` messages",
        ),
        (
            [user(words("hi", citations=[CITATION]))],
            "messages.0.content.0.text.citations: Extra inputs are not permitted",
        ),
    ],
)
def test_a_conversation_out_of_order_is_refused(
    refused: Callable[..., str], messages: list[dict[str, Any]], objection: str
) -> None:
    assert objection in refused(messages=messages)


def test_an_empty_system_prompt_is_refused(refused: Callable[..., str]) -> None:
    assert refused(system="") == "system: text content blocks must be non-empty"


@pytest.mark.parametrize(
    "messages",
    [[HELLO, model(DOCUMENT), HELLO], [user(words("hi", citations=[CITATION]))]],
    ids=["a document of the assistant", "citations of the user"],
)
def test_the_old_version_takes_what_the_new_one_refuses(
    taken: Callable[..., None], messages: list[dict[str, Any]]
) -> None:
    taken(version=OLD, messages=messages)


def test_the_old_version_goes_on_from_a_prefill(taken: Any) -> None:
    taken(version="2023-06-01", messages=[HELLO, HEY])
