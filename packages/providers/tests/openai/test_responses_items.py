"""Messages as input items: calls and outputs under their ids, reasoning before what it led to."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from racto.core import (
    AudioPart,
    DocumentPart,
    ImagePart,
    LinkPart,
    Message,
    MessageRole,
    ProviderPart,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallResult,
    ToolResultPart,
    UnsupportedFeatureError,
    UploadedFilePart,
)
from racto.core.content import ToolCallPart
from racto.providers.kits import Omissions
from racto.providers.openai import COMPATIBLE, OPENAI, ChatDialect
from racto.providers.openai.responses_items import encode_items

SIGNED = ReasoningPart(text="I think", signature="sealed", provider="openai", id="rs_1")
CALL = ToolCallPart(id="call_1", name="f", arguments={"x": 1})


def encoded(
    *messages: Message, dialect: ChatDialect = OPENAI, stored: bool = False
) -> list[dict[str, Any]]:
    return encode_items(messages, dialect, Omissions("raise", provider="openai"), stored=stored)


def user(*parts: Any) -> Message:
    return Message(role=MessageRole.USER, content=parts)


def assistant(*parts: Any) -> Message:
    return Message(role=MessageRole.ASSISTANT, content=parts)


def test_plain_turns_are_plain_messages() -> None:
    items = encoded(Message.system("s"), Message.user("u"), Message.assistant("a"))
    assert items == [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "u"},
        {"role": "assistant", "content": "a"},
    ]
    developer = ChatDialect(system_role="developer")
    assert encoded(Message.system("s"), dialect=developer)[0]["role"] == "developer"
    assert encoded(Message.assistant(""), assistant()) == []


def test_images_and_files_travel_in_each_way_that_the_api_takes() -> None:
    data = base64.b64encode(b"x").decode()
    parts = [
        (ImagePart(data=b"x"), {"image_url": f"data:image/png;base64,{data}", "detail": "auto"}),
        (
            ImagePart(url="https://e.org/a.png", detail="low"),
            {"image_url": "https://e.org/a.png", "detail": "low"},
        ),
        (
            DocumentPart(data=b"x"),
            {"filename": "document.pdf", "file_data": f"data:application/pdf;base64,{data}"},
        ),
        (DocumentPart(url="https://e.org/a.pdf"), {"file_url": "https://e.org/a.pdf"}),
        (UploadedFilePart(file_id="f1", provider="openai"), {"file_id": "f1"}),
        (
            UploadedFilePart(file_id="f2", provider="openai", mime_type="image/png"),
            {"file_id": "f2", "detail": "auto"},
        ),
        (LinkPart(uri="file:///a", name="a"), {"text": "a <file:///a>"}),
    ]
    (turn,) = encoded(user(*(part for part, _ in parts)))
    kinds = [block.pop("type") for block in turn["content"]]
    assert kinds == [
        "input_image",
        "input_image",
        "input_file",
        "input_file",
        "input_file",
        "input_image",
        "input_text",
    ]
    assert turn["content"] == [block for _, block in parts]


@pytest.mark.parametrize(
    ("part", "feature"),
    [
        (AudioPart(data=b"x"), "audio"),
        (UploadedFilePart(file_id="f", provider="google"), "uploaded_file"),
        (ReasoningPart(text="hm"), "reasoning"),
        (RefusalPart(text="no"), "refusal"),
    ],
)
def test_what_a_user_cannot_send_is_refused_or_noted(part: Any, feature: str) -> None:
    with pytest.raises(UnsupportedFeatureError) as caught:
        encoded(user(part, TextPart(text="x")))
    assert caught.value.feature == feature
    omissions = Omissions("drop", provider="openai")
    items = encode_items([user(part, TextPart(text="x"))], OPENAI, omissions, stored=False)
    assert items[0]["content"] == [{"type": "input_text", "text": "x"}]
    assert omissions.dropped == (feature,)


def test_what_racto_has_no_part_for_goes_out_as_it_is() -> None:
    approval = {"type": "mcp_approval_response", "approval_request_id": "a", "approve": True}
    block = {"type": "input_file", "file_id": "f", "detail": "low"}
    first, second = encoded(
        Message(role=MessageRole.TOOL, content=(ProviderPart(provider="openai", data=approval),)),
        user(ProviderPart(provider="openai", data=block)),
    )
    assert first == approval
    assert second["content"] == [block]
    with pytest.raises(UnsupportedFeatureError, match="provider"):
        encoded(user(ProviderPart(provider="google", data=block)))


def test_a_speakers_name_is_refused_or_noted() -> None:
    with pytest.raises(UnsupportedFeatureError, match="name"):
        encoded(Message(role=MessageRole.USER, content="x", name="ann"))


def test_calls_and_outputs_keep_their_ids_and_words() -> None:
    calls = [
        ToolCallResult(id="a", name="f", arguments={"x": "ä"}),
        ToolCallResult(id="b", name="g", raw_arguments="{broken"),
    ]
    results = [
        ToolResultPart(tool_call_id="a", content="1"),
        ToolResultPart(tool_call_id="b", content=(TextPart(text="no"), TextPart(text="pe"))),
    ]
    items = encoded(Message.assistant("hm", tool_calls=calls), Message.tool(results))
    assert items == [
        {"role": "assistant", "content": "hm"},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": '{"x":"ä"}'},
        {"type": "function_call", "call_id": "b", "name": "g", "arguments": "{broken"},
        {"type": "function_call_output", "call_id": "a", "output": "1"},
        {"type": "function_call_output", "call_id": "b", "output": "nope"},
    ]


def test_a_tool_answers_with_images_and_files_too() -> None:
    content = (TextPart(text="see"), ImagePart(data=b"x"), DocumentPart(data=b"y"))
    (item,) = encoded(Message.tool([ToolResultPart(tool_call_id="a", content=content)]))
    assert [block["type"] for block in item["output"]] == [
        "input_text",
        "input_image",
        "input_file",
    ]
    with pytest.raises(UnsupportedFeatureError, match="audio"):
        encoded(Message.tool([ToolResultPart(tool_call_id="a", content=(AudioPart(data=b"x"),))]))
    with pytest.raises(UnsupportedFeatureError, match="tool results only"):
        encoded(Message(role=MessageRole.TOOL, content=(TextPart(text="x"),)))


def test_signed_reasoning_comes_back_unchanged_before_what_it_led_to() -> None:
    more = ReasoningPart(text="and more", provider="openai", id="rs_1")
    items = encoded(assistant(SIGNED, more, TextPart(text="So."), CALL))
    assert items == [
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [
                {"type": "summary_text", "text": "I think"},
                {"type": "summary_text", "text": "and more"},
            ],
            "encrypted_content": "sealed",
        },
        {"role": "assistant", "content": "So."},
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": '{"x":1}'},
    ]


@pytest.mark.parametrize(
    "part",
    [
        ReasoningPart(text="a", signature="s", provider="anthropic", id="rs_1"),
        ReasoningPart(text="b", signature="s", provider="openai"),
        ReasoningPart(text="c", provider="openai", id="rs_1"),
        ReasoningPart(text="d"),
    ],
)
def test_reasoning_that_proves_nothing_here_stays_behind(part: ReasoningPart) -> None:
    assert encoded(assistant(part, TextPart(text="x"))) == [{"role": "assistant", "content": "x"}]


def test_a_server_that_stores_knows_reasoning_by_its_id() -> None:
    part = ReasoningPart(provider="openai", id="rs_1")
    item, _ = encoded(assistant(part, TextPart(text="So.")), stored=True)
    assert item == {"type": "reasoning", "id": "rs_1", "summary": []}


def test_thinking_that_led_to_nothing_stays_behind() -> None:
    assert encoded(assistant(SIGNED), Message.user("Go on.")) == [
        {"role": "user", "content": "Go on."}
    ]


def test_items_of_the_servers_own_tools_come_back_to_it_alone() -> None:
    search = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    own = ProviderPart(provider="openai", data=search)
    other = ProviderPart(provider="google", data=search)
    items = encoded(assistant(other, own, TextPart(text="Found.")))
    assert items == [search, {"role": "assistant", "content": "Found."}]


def test_what_a_message_or_call_has_beyond_its_words_comes_back_with_it() -> None:
    phase = ProviderPart(provider="openai", data={"type": "message", "phase": "commentary"})
    caller = {"type": "program", "caller_id": "p1"}
    beyond = ProviderPart(
        provider="openai", data={"type": "function_call", "call_id": "call_1", "caller": caller}
    )
    words, call, answer = encoded(
        assistant(phase, TextPart(text="Let me see."), CALL, beyond, TextPart(text="Done."))
    )
    assert words == {
        "type": "message",
        "role": "assistant",
        "phase": "commentary",
        "content": "Let me see.",
    }
    assert (call["caller"], call["arguments"]) == (caller, '{"x":1}')
    assert answer == {"role": "assistant", "content": "Done."}


def test_a_refusal_comes_back_as_the_models_words() -> None:
    assert encoded(assistant(RefusalPart(text="I will not."))) == [
        {"role": "assistant", "content": "I will not."}
    ]


def test_a_picture_comes_back_in_the_call_that_made_it_and_nowhere_else() -> None:
    made = {"type": "image_generation_call", "id": "ig_1", "result": "eA=="}
    picture = ImagePart(data=b"x")
    assert encoded(assistant(ProviderPart(provider="openai", data=made), picture)) == [made]
    with pytest.raises(UnsupportedFeatureError, match="image"):
        encoded(assistant(picture))


def test_marks_end_a_prefix_that_shall_be_cached() -> None:
    marked = [TextPart(text="a", cache="5m"), TextPart(text="b", cache="1h")]
    (turn,) = encoded(user(*marked))
    assert [block["prompt_cache_breakpoint"] for block in turn["content"]] == [
        {"mode": "explicit"},
        {"mode": "explicit", "ttl": "12h"},
    ]
    for message, dialect in ((user(*marked), COMPATIBLE), (assistant(*marked), OPENAI)):
        with pytest.raises(UnsupportedFeatureError, match="cache mark"):
            encoded(message, dialect=dialect)
