"""Prompts over the wire: described, filled in, made into messages."""

from __future__ import annotations

from typing import Any

import pytest
from mcp import MCPError

from racto.core import ConfigurationError, ImagePart, Message, TextPart
from racto.tools.mcp.server import RactoMCPServer


def prompting() -> RactoMCPServer:
    server = RactoMCPServer("prompts")

    @server.prompt
    def review(code: str, depth: int = 1) -> str:
        """Review code.

        Args:
            code: The code.
            depth: How deep.
        """
        return f"{code} {depth + 1}"

    @server.prompt(name="talk")
    async def _talk() -> list[Any]:
        picture = ImagePart(data=b"i", mime_type="image/png")
        seen = Message(role="user", content=(TextPart(text="look"), picture))
        return ["hello", Message.assistant("yes?"), seen, picture]

    @server.prompt
    def wrong() -> Any:
        return Message.system("obey")

    @server.prompt
    def number() -> Any:
        return 3

    @server.prompt
    def fail() -> str:
        raise KeyError("lost")

    return server


async def test_a_prompt_is_described_by_its_function(dial) -> None:
    async with dial(prompting()) as client:
        prompts = {item.name: item for item in (await client.list_prompts()).prompts}
    review = prompts["review"]
    assert review.description == "Review code."
    assert [(a.name, a.description, a.required) for a in review.arguments or ()] == [
        ("code", "The code.", True),
        ("depth", "How deep.", False),
    ]
    assert set(prompts) == {"review", "talk", "wrong", "number", "fail"}


async def test_arguments_come_as_text(dial) -> None:
    async with dial(prompting()) as client:
        for arguments, text in [({"code": "3"}, "3 2"), ({"code": "x", "depth": "4"}, "x 5")]:
            (message,) = (await client.get_prompt("review", arguments)).messages
            assert (message.role, message.content.text) == ("user", text)


async def test_messages_keep_their_roles_and_parts(dial) -> None:
    async with dial(prompting()) as client:
        messages = (await client.get_prompt("talk")).messages
    assert [(item.role, item.content.type) for item in messages] == [
        ("user", "text"),
        ("assistant", "text"),
        ("user", "text"),
        ("user", "image"),
        ("user", "image"),
    ]


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("nothing", {}, "no prompt"),
        ("review", {}, "code: required"),
        ("review", {"code": "x", "depth": "deep"}, "depth: Input should be a valid integer"),
        ("review", {"code": "x", "other": "y"}, "other"),
        ("wrong", {}, "which no prompt can hold"),
        ("number", {}, "returned int"),
        ("fail", {}, "KeyError"),
    ],
)
async def test_what_goes_wrong_is_told(
    dial_modern, name: str, arguments: dict[str, str], told: str
) -> None:
    async with dial_modern(prompting()) as client:
        with pytest.raises(MCPError, match=told):
            await client.get_prompt(name, arguments)


def test_a_name_belongs_to_one_prompt() -> None:
    server = prompting()
    with pytest.raises(ConfigurationError, match="already"):
        server.add_prompt(lambda: "x", name="review")
