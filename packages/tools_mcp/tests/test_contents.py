"""Content crosses between MCP and racto in both directions without loss."""

from __future__ import annotations

import base64

import mcp_types as types
from hypothesis import given, strategies as st

from racto.core import (
    AudioPart,
    DocumentPart,
    ImagePart,
    LinkPart,
    RactoFile,
    TextPart,
    ToolCallResult,
)
from racto.tools.mcp import MCPToolResult
from racto.tools.mcp.contents import blocks_of, parts_of, resource_parts

DATA = st.binary(min_size=1, max_size=40)
PARTS = st.one_of(
    st.builds(TextPart, text=st.text(alphabet=st.characters(codec="utf-8"))),
    st.builds(ImagePart, data=DATA, mime_type=st.just("image/png")),
    st.builds(AudioPart, data=DATA, mime_type=st.just("audio/wav")),
    st.builds(
        LinkPart,
        uri=st.just("note://1"),
        name=st.just("one"),
        description=st.text(max_size=9),
        mime_type=st.sampled_from([None, "text/plain"]),
        size=st.none() | st.integers(0, 10**12),
    ),
    st.builds(DocumentPart, data=DATA, mime_type=st.just("application/pdf"), name=st.just("a://b")),
)


@given(st.lists(PARTS, max_size=5))
def test_parts_survive_the_way_there_and_back(parts: list[TextPart]) -> None:
    assert parts_of(blocks_of(parts)) == tuple(parts)


def test_a_string_is_one_text() -> None:
    assert blocks_of("hello") == [types.TextContent(text="hello")]
    assert blocks_of("") == []


def test_files_become_what_their_type_says() -> None:
    blocks = blocks_of(
        [
            RactoFile(b"abc", "image/png", "a.png"),
            RactoFile(b"words", "text/plain", "b.txt"),
            RactoFile(b"%PDF", "application/pdf", "c.pdf"),
        ]
    )
    assert [type(block) for block in blocks] == [
        types.ImageContent,
        types.TextContent,
        types.EmbeddedResource,
    ]
    held = blocks[2]
    assert isinstance(held, types.EmbeddedResource)
    assert held.resource.uri == "attachment://c.pdf"


def test_a_medium_by_url_becomes_a_link() -> None:
    (block,) = blocks_of([ImagePart(url="https://a/b.png", mime_type="image/png")])
    assert isinstance(block, types.ResourceLink)
    assert block.uri == "https://a/b.png"


def test_broken_base64_costs_its_own_block_only() -> None:
    parts = parts_of(
        [
            types.ImageContent(data="!!!", mime_type="image/png"),
            types.TextContent(text="and this stays"),
        ]
    )
    assert isinstance(parts[0], TextPart)
    assert "base64 is broken" in parts[0].text
    assert parts[1] == TextPart(text="and this stays")


def test_resources_by_their_type() -> None:
    text = base64.b64encode(b"x").decode()
    parts = resource_parts(
        [
            types.TextResourceContents(uri="a://1", text="words"),
            types.BlobResourceContents(uri="a://2", blob=text, mime_type="image/gif"),
            types.BlobResourceContents(uri="a://3", blob=text, mime_type="audio/ogg"),
            types.BlobResourceContents(uri="a://4", blob=text),
        ]
    )
    assert [type(part) for part in parts] == [TextPart, ImagePart, AudioPart, DocumentPart]


class TestResults:
    """What a tool answered, as a program and as a model see it."""

    call = ToolCallResult(id="c1", name="t")

    def test_texts_are_joined_and_data_is_kept(self) -> None:
        result = MCPToolResult.of(
            types.CallToolResult(
                content=[types.TextContent(text="one"), types.TextContent(text="two")],
                structured_content={"n": 1},
                is_error=True,
            )
        )
        part = result.to_part(self.call)
        assert (result.content, part.content) == ("one\ntwo", "one\ntwo")
        assert part.is_error
        assert part.structured == {"n": 1}
        assert (part.tool_call_id, part.name) == ("c1", "t")

    def test_bare_data_is_shown_to_the_model(self) -> None:
        result = MCPToolResult.of(types.CallToolResult(content=[], structured_content={"n": [1]}))
        assert result.to_part(self.call).content == '{"n":[1]}'

    def test_an_empty_answer(self) -> None:
        part = MCPToolResult.of(types.CallToolResult(content=[])).to_part(self.call)
        assert part.content == ""
        assert not part.is_error

    def test_json_there_and_back(self) -> None:
        image = types.ImageContent(data=base64.b64encode(b"\xff\x00").decode(), mime_type="image/x")
        result = MCPToolResult.of(types.CallToolResult(content=[image]))
        assert MCPToolResult.model_validate_json(result.model_dump_json()) == result
