"""A list of tools loses what is none, and everything else is left alone."""

from __future__ import annotations

import logging
from typing import Any

import mcp_types as types
import pytest
from mcp.shared.message import SessionMessage

from racto.tools.mcp.transports.mending import mended
from racto.tools.mcp.transports.streams import parsed


def listed(tools: Any) -> SessionMessage:
    """An answer to tools/list as it comes from the wire."""
    return SessionMessage(types.JSONRPCResponse(jsonrpc="2.0", id=1, result={"tools": tools}))


def test_nonsense_is_taken_out(caplog: pytest.LogCaptureFixture) -> None:
    good = {"name": "good", "inputSchema": {"type": "object"}}
    untyped = {"name": "untyped", "inputSchema": {"properties": {"a": True}}}
    bad: list[Any] = [
        {"name": "no-schema"},
        {"name": "text", "inputSchema": {"type": "string"}},
        {"name": "list", "inputSchema": {"properties": []}},
        {"name": "loose", "inputSchema": {"properties": {"a": 3}}},
        {"name": "needs", "inputSchema": {"required": [1]}},
        {"name": 7, "inputSchema": {}},
        "a tool",
        None,
    ]
    with caplog.at_level(logging.WARNING):
        message = mended(listed([good, *bad, untyped]), "s").message
    assert isinstance(message, types.JSONRPCResponse)
    assert [tool["name"] for tool in message.result["tools"]] == ["good", "untyped"]
    assert message.result["tools"][1]["inputSchema"]["type"] == "object"
    assert caplog.text.count("is left out") == len(bad)


def test_other_messages_are_left_alone() -> None:
    result = {"content": [], "structuredContent": {"tools": [1]}}
    other = SessionMessage(types.JSONRPCResponse(jsonrpc="2.0", id=1, result=dict(result)))
    assert mended(other, "s") is other
    assert isinstance(other.message, types.JSONRPCResponse)
    assert other.message.result == result
    error = ValueError("x")
    assert mended(error, "s") is error


@pytest.mark.parametrize("line", [b"", b"  \r\n", b"Server started!", b"\xff\xfe", b"null", b'"x"'])
def test_lines_that_are_no_messages_are_passed_over(line: bytes) -> None:
    assert parsed(line, "s") is None


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"jsonrpc": "2.0"}', b'{"a": "\xff"}'])
def test_malformed_messages_are_told_as_errors(line: bytes) -> None:
    assert isinstance(parsed(line, "s"), ValueError)


def test_a_message() -> None:
    found = parsed(b'{"jsonrpc":"2.0","id":1,"result":{}}\r\n', "s")
    assert isinstance(found, SessionMessage)
