"""Servers that put nonsense on the wire: what can be read is read, and nothing breaks the session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

import pytest

from racto.core import (
    APIConnectionError,
    InvalidResponseError,
    RactoGatewayAPIError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
)
from racto.tools.mcp import MCPToolResult, RactoMCPClient

MEGABYTE = 2**20


async def settled(call: Coroutine[Any, Any, MCPToolResult]) -> MCPToolResult | RactoGatewayError:
    """What a call returns, or the error of racto that it ends in."""
    try:
        return await call
    except RactoGatewayError as error:
        return error


async def test_garbage_between_messages_is_passed_over(
    hostile: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "racto.tools.mcp")
    async with RactoMCPClient(hostile("noisy")) as client:
        for word in ("one", "zwei", "три", "🙂"):
            assert (await client.call_tool("echo", {"word": word})).content == word
        assert {schema.name for schema in await client.list_tools()} >= {"echo", "broken"}
    assert len(hostile.starts) == 1
    assert "Loading the model" in caplog.text
    assert all(len(record.getMessage()) < 1000 for record in caplog.records)


async def test_garbage_is_passed_over_while_the_era_is_negotiated(hostile: Any) -> None:
    async with RactoMCPClient(hostile("noisy", protocol="auto")) as client:
        assert client.server.protocol == "2025-11-25"
        assert (await client.call_tool("echo", {"word": "hi"})).content == "hi"


async def test_an_answer_that_cannot_be_read_ends_the_call(hostile: Any) -> None:
    async with RactoMCPClient(hostile("noisy")) as client:
        with pytest.raises(InvalidResponseError, match="noisy"):
            await client.call_tool("broken")
        assert (await client.call_tool("echo", {"word": "on"})).content == "on"


async def test_a_batch_of_older_protocols_does_not_break_the_session(hostile: Any) -> None:
    async with RactoMCPClient(hostile("noisy", timeout=1.0)) as client:
        outcome = await settled(client.call_tool("batch"))
        if not isinstance(outcome, RactoGatewayTimeoutError):
            assert outcome.content == "from a batch"
        assert (await client.call_tool("echo", {"word": "on"}, timeout=20)).content == "on"


async def test_half_a_character_ends_in_a_text_or_an_error(hostile: Any) -> None:
    async with RactoMCPClient(hostile("noisy")) as client:
        outcome = await settled(client.call_tool("surrogate"))
        if not isinstance(outcome, InvalidResponseError):
            assert outcome.content.encode("utf-8")
        assert (await client.call_tool("echo", {"word": "on"}, timeout=20)).content == "on"


async def test_a_null_character_is_kept(hostile: Any) -> None:
    async with RactoMCPClient(hostile("noisy")) as client:
        assert (await client.call_tool("nulls")).content == "before\x00after"


async def test_answers_that_nobody_asked_for_are_dropped(hostile: Any) -> None:
    async with RactoMCPClient(hostile("strays")) as client:
        assert (await client.call_tool("unasked")).content == "asked"
        assert (await client.call_tool("twice")).content == "first"
        assert (await client.call_tool("echo")).content == "echo"
        assert client.state == "open"
    assert len(hostile.starts) == 1


@pytest.mark.parametrize("tool", ["both", "neither", "spelled"])
async def test_an_answer_of_two_minds_ends_the_call(hostile: Any, tool: str) -> None:
    async with RactoMCPClient(hostile("strays")) as client:
        outcome = await settled(client.call_tool(tool))
        assert not isinstance(outcome, RactoGatewayTimeoutError)
        if not isinstance(outcome, RactoGatewayError):
            assert outcome.content in ("good", "id as a string")
        assert (await client.call_tool("echo")).content == "echo"


async def test_an_answer_before_its_question_is_not_taken_for_it(hostile: Any) -> None:
    async with RactoMCPClient(hostile("strays")) as client:
        assert (await client.call_tool("early")).content == "now"
        assert (await client.call_tool("echo")).content == "echo"


ERRORS = (
    "error_is_text error_is_null error_is_list error_is_empty code_is_text code_is_float "
    "code_is_huge no_code no_message message_is_null message_is_object message_is_huge plain_error"
)
RESULTS = (
    "result_is_text result_is_null result_is_list result_is_empty content_is_null content_is_text "
    "content_is_object block_is_text block_has_no_type block_is_unknown block_is_incomplete "
    "is_error_is_text structured_is_list base64_is_broken base64_is_html kind_is_unknown"
)


@pytest.mark.parametrize("tool", ERRORS.split())
async def test_an_error_of_any_shape_is_an_error_at_once(hostile: Any, tool: str) -> None:
    async with RactoMCPClient(hostile("malformed")) as client:
        with pytest.raises(RactoGatewayAPIError) as raised:
            await client.call_tool(tool)
        # The server is there and has spoken, so nothing says that another try would be safe.
        assert not isinstance(raised.value, APIConnectionError)
        assert not raised.value.retryable
        assert "malformed" in str(raised.value)
        assert len(str(raised.value)) < 5000
        assert (await client.call_tool("echo")).content == "echo"


@pytest.mark.parametrize("tool", RESULTS.split())
async def test_a_result_of_any_shape_is_a_result_or_an_error(hostile: Any, tool: str) -> None:
    async with RactoMCPClient(hostile("malformed")) as client:
        outcome = await settled(client.call_tool(tool))
        if isinstance(outcome, RactoGatewayError):
            assert isinstance(outcome, InvalidResponseError)
            assert "malformed" in str(outcome)
        else:
            assert isinstance(outcome.content, str)
            assert isinstance(outcome.is_error, bool)
        assert (await client.call_tool("echo")).content == "echo"


@pytest.mark.parametrize(
    "answer", ["past", "future", "number", "empty", "missing", "no_name", "capabilities"]
)
async def test_a_handshake_of_any_shape_is_refused_or_taken(hostile: Any, answer: str) -> None:
    client = RactoMCPClient(hostile("versions", answer, open_timeout=2.0))
    with pytest.raises(RactoGatewayError) as raised:
        await client.aopen()
    assert "versions" in str(raised.value)
    assert hostile.all_gone()
    await client.aclose()


async def test_ten_megabytes_come_through(hostile: Any) -> None:
    async with RactoMCPClient(hostile("huge")) as client:
        result = await client.call_tool("words", {"size": 10 * MEGABYTE})
        assert len(result.content) == 10 * MEGABYTE
        assert len((await client.call_tool("words", {"size": 3})).content) == 3
    assert len(hostile.starts) == 1


async def test_a_hundred_megabytes_are_refused_and_the_next_call_works(hostile: Any) -> None:
    async with RactoMCPClient(hostile("huge")) as client:
        with pytest.raises(InvalidResponseError, match="max_message_bytes"):
            await client.call_tool("words", {"size": 100 * MEGABYTE})
        assert len((await client.call_tool("words", {"size": 3})).content) == 3


async def test_more_comes_through_where_it_is_allowed(hostile: Any) -> None:
    config = hostile("huge", max_message_bytes=80 * MEGABYTE, timeout=120.0)
    async with RactoMCPClient(config) as client:
        result = await client.call_tool("words", {"size": 70 * MEGABYTE})
        assert len(result.content) == 70 * MEGABYTE


async def test_a_line_without_end_is_cut_off_at_the_limit(hostile: Any) -> None:
    async with RactoMCPClient(hostile("huge", max_message_bytes=MEGABYTE)) as client:
        with pytest.raises(InvalidResponseError, match="1,048,576"):
            await client.call_tool("endless")
        assert (await client.call_tool("words", {"size": 1})).content == "x"


async def test_other_calls_end_too_when_a_message_breaks_the_limit(hostile: Any) -> None:
    async with RactoMCPClient(hostile("huge", max_message_bytes=MEGABYTE)) as client:
        calls = (client.call_tool("words", {"size": size}) for size in (2 * MEGABYTE, 5))
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(outcome, RactoGatewayError) for outcome in outcomes)


async def test_a_flood_on_the_error_output_blocks_nothing(hostile: Any) -> None:
    async with RactoMCPClient(hostile("huge")) as client:
        assert (await client.call_tool("errors", {"size": 5 * MEGABYTE})).content == "done"
