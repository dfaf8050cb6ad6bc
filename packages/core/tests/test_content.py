"""Parts of messages survive JSON, and a tool call says when its arguments are malformed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import TypeAdapter, ValidationError

from racto.core import (
    AudioPart,
    ContentPart,
    DocumentPart,
    ImagePart,
    LinkPart,
    ProviderPart,
    RactoFile,
    ReasoningPart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolCallResult,
    ToolResultPart,
    UnsupportedFeatureError,
    UploadedFilePart,
)
from racto.core.content import part_of_file

PART: TypeAdapter[ContentPart] = TypeAdapter(ContentPart)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
maybe = st.none() | text
media: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict, data=st.binary(max_size=20), mime_type=text, name=text
)
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
arguments = st.dictionaries(text, plain, max_size=3)
texts = st.builds(TextPart, text=text, signature=maybe, cache=st.sampled_from([None, "5m", "1h"]))
images = media.map(lambda facts: ImagePart(**facts))
parts: st.SearchStrategy[Any] = st.one_of(
    texts,
    images,
    media.map(lambda facts: AudioPart(**facts, transcript="said")),
    media.map(lambda facts: DocumentPart(**facts)),
    text.map(lambda url: ImagePart(url=url, detail="low")),
    st.builds(UploadedFilePart, file_id=text, provider=text, mime_type=maybe),
    st.builds(
        ToolCallPart, id=text, name=text, arguments=arguments, raw_arguments=maybe, signature=maybe
    ),
    st.builds(
        ToolResultPart,
        tool_call_id=text,
        name=text,
        content=text | st.lists(texts | images, max_size=2).map(tuple),
        is_error=st.booleans(),
        structured=plain,
    ),
    st.builds(
        ReasoningPart, text=text, signature=maybe, provider=text, redacted=st.booleans(), id=maybe
    ),
    st.builds(RefusalPart, text=text),
    st.builds(LinkPart, uri=text, name=text, description=text, mime_type=maybe),
    st.builds(ProviderPart, provider=text, data=arguments),
)


@given(parts)
def test_every_part_survives_json(part: ContentPart) -> None:
    again = PART.validate_json(PART.dump_json(part))
    assert again == part
    assert type(again) is type(part)
    # Short dumps keep what tells the parts apart.
    for short in ("exclude_defaults", "exclude_unset", "exclude_none"):
        dumped = PART.dump_json(part, **{short: True})  # type: ignore[arg-type]
        assert PART.validate_json(dumped) == part


@pytest.mark.parametrize("part", [TextPart(text="a"), ReasoningPart(), ToolCallPart(name="f")])
def test_parts_are_frozen_and_know_their_fields(part: Any) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        part.type = "other"
    with pytest.raises(ValidationError, match="Extra inputs"):
        type(part)(**part.model_dump(), surprise=1)


def test_media_need_exactly_one_of_data_and_url() -> None:
    with pytest.raises(ValidationError, match="ImagePart needs either data or url"):
        ImagePart()
    with pytest.raises(ValidationError, match="AudioPart needs either data or url"):
        AudioPart(data=b"", url="https://x/y.wav")
    assert DocumentPart(data=b"").data == b""


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValidationError, match="does not match any of the expected tags"):
        PART.validate_python({"type": "hologram"})


@given(arguments)
def test_whole_arguments_are_read(given_arguments: dict[str, Any]) -> None:
    call = ToolCallResult.of_text(json.dumps(given_arguments), name="f", id="1")
    assert call.arguments == given_arguments
    assert not call.is_malformed


@pytest.mark.parametrize(
    "raw",
    [
        '{"a": 1',
        "[1]",
        "null",
        "text",
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": "\\ud83d"}',
        "[" * 100_000,
        '{"a": ' + "1" * 5000 + "}",
    ],
)
def test_malformed_arguments_are_kept_raw(raw: str) -> None:
    call = ToolCallResult.of_text(raw, name="f")
    assert call.is_malformed
    assert (call.raw_arguments, call.arguments) == (raw, {})


def test_no_text_is_no_arguments_and_escaped_pairs_are_whole() -> None:
    assert not ToolCallResult.of_text(" \n", name="f").is_malformed
    assert ToolCallResult.of_text('{"a": "\\ud83d\\ude00"}', name="f").arguments == {"a": "😀"}


def test_a_call_becomes_a_part_with_all_it_has() -> None:
    call = ToolCallResult(id="1", name="f", arguments={"a": 1}, raw_arguments="x", signature="s")
    part = ToolCallPart.of(call)
    assert part.model_dump() == {**call.model_dump(), "type": "tool_call"}


def test_the_text_of_a_tool_result() -> None:
    image = ImagePart(data=b"x")
    result = ToolResultPart(
        tool_call_id="1", content=(TextPart(text="a"), image, TextPart(text="b"))
    )
    assert result.text == "ab"
    assert ToolResultPart(tool_call_id="1", content="c").text == "c"


def test_attachments_become_the_part_of_their_type() -> None:
    assert part_of_file(RactoFile(b"x", "image/png", "p")) == ImagePart(data=b"x", name="p")
    assert part_of_file(RactoFile(b"x", "audio/mpeg")) == AudioPart(
        data=b"x", mime_type="audio/mpeg"
    )
    pdf = part_of_file(RactoFile(b"%PDF", "application/pdf", "d"))
    assert pdf == DocumentPart(data=b"%PDF", name="d")
    assert part_of_file(RactoFile("é".encode(), "text/plain", "n")) == TextPart(text="[File: n]\né")
    assert part_of_file(RactoFile(b"a", "text/plain")) == TextPart(text="a")


def test_text_in_another_encoding_is_refused_with_its_place() -> None:
    with pytest.raises(UnsupportedFeatureError, match=r"notes\.txt.*not UTF-8.*byte 1") as caught:
        part_of_file(RactoFile(b"a\xff", "text/plain", "notes.txt"))
    assert isinstance(caught.value.__cause__, UnicodeDecodeError)


def test_a_link_reads_as_one_line_of_a_tools_answer() -> None:
    link = LinkPart(uri="notes://7", name="Notes", mime_type="text/plain", description="of Monday")
    assert link.text == "Notes <notes://7> (text/plain): of Monday"
    assert LinkPart(uri="notes://8").text == "<notes://8>"
    answer = ToolResultPart(tool_call_id="1", content=(TextPart(text="Found: {}"), link))
    assert answer.text == f"Found: {{}}\n{link.text}\n"
