"""Questions to the user, in both eras: answered, declined, unfit, impossible, too late."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import mcp_types as types
import pytest
from mcp import MCPError
from pydantic import BaseModel

from racto.core.errors import SchemaError, ToolExecutionError
from racto.tools.mcp.server import RactoMCPServer, ServerLimits, ToolContext
from racto.tools.mcp.server.questions import Question


class Trip(BaseModel):
    """A form."""

    city: str
    nights: int = 1
    board: Literal["full", "half"] = "half"


class Nested(BaseModel):
    """Not a form."""

    trip: Trip


def booking(runs: list[str], **limits: Any) -> RactoMCPServer:
    server = RactoMCPServer("questions", limits=ServerLimits(**limits))

    async def after(reply: Any) -> str:
        return f"{reply.data.city} {reply.data.nights}" if reply.data else reply.action

    @server.tool
    def book(context: ToolContext) -> str:
        runs.append("book")
        reply = context.elicit("Where to?", Trip)
        return f"{reply.data.city} {reply.data.nights}" if reply.data else reply.action

    @server.tool
    async def abook(context: ToolContext) -> str:
        runs.append("abook")
        return await after(await context.aelicit("Where to?", Trip))

    @server.tool
    async def twice(context: ToolContext) -> str:
        runs.append("twice")
        first = await after(await context.aelicit("From?", Trip))
        await context.areport_progress(1)
        return first + " " + await after(await context.aelicit("To?", Trip))

    @server.tool
    async def both(context: ToolContext) -> str:
        runs.append("both")
        asked = [context.aelicit("From?", Trip), context.aelicit("To?", Trip)]
        return " ".join([await after(reply) for reply in await asyncio.gather(*asked)])

    return server


def replying(content: dict[str, Any] | None, action: str = "accept") -> Any:
    async def reply(_context: Any, params: Any) -> types.ElicitResult:
        words = {"From?": "Rome", "To?": "Oslo"}.get(params.message)
        filled = {**(content or {}), **({"city": words} if words else {})}
        return types.ElicitResult(action=action, content=filled if action == "accept" else None)

    return reply


async def test_a_tool_asks_and_runs_once(dial_all) -> None:
    runs: list[str] = []
    server = booking(runs)
    async with dial_all(server, elicitation_callback=replying({"city": "Bern"})) as client:
        for name, answer in [
            ("book", "Bern 1"), ("abook", "Bern 1"), ("twice", "Rome 1 Oslo 1"),
            ("both", "Rome 1 Oslo 1"),
        ]:  # fmt: skip
            result = await client.call_tool(name)
            assert result.content[0].text == answer, name
    assert runs == ["book", "abook", "twice", "both"]


@pytest.mark.parametrize("action", ["decline", "cancel"])
async def test_a_user_may_say_no(dial, action: str) -> None:
    async with dial(booking([]), elicitation_callback=replying(None, action)) as client:
        assert (await client.call_tool("book")).content[0].text == action


async def test_a_reply_that_does_not_fit_is_told_without_its_words(dial) -> None:
    reply = replying({"city": "Bern", "nights": "secret"})
    async with dial(booking([]), elicitation_callback=reply) as client:
        result = await client.call_tool("book")
        assert result.is_error
        assert "does not fit the form: nights" in result.content[0].text
        assert "secret" not in result.content[0].text


async def test_a_client_that_cannot_ask_is_told(dial_all) -> None:
    async with dial_all(booking([])) as client:
        result = await client.call_tool("book")
        assert result.is_error
        assert "cannot ask its user" in result.content[0].text


async def test_the_clock_stands_still_while_a_user_thinks(dial) -> None:
    async def slowly(_context: Any, _params: Any) -> types.ElicitResult:
        await asyncio.sleep(0.5)
        return types.ElicitResult(action="accept", content={"city": "Bern"})

    server = booking([], tool_timeout=0.3)
    async with dial(server, elicitation_callback=slowly) as client:
        assert (await client.call_tool("book")).content[0].text == "Bern 1"


async def ask(client: Any, name: str, **more: Any) -> Any:
    return await client.session.call_tool(name, {}, allow_input_required=True, **more)


def accepted(result: Any, city: str = "Bern") -> dict[str, Any]:
    return {
        key: types.ElicitResult(action="accept", content={"city": city})
        for key in result.input_requests
    }


async def test_a_reply_counts_once_and_for_its_call_only(dial_modern) -> None:
    runs: list[str] = []
    server = booking(runs)
    async with dial_modern(server, elicitation_callback=replying({})) as client:
        asked = await ask(client, "book")
        assert asked.result_type == "input_required"
        replies, state = accepted(asked), asked.request_state
        with pytest.raises(MCPError, match="requestState"):
            await ask(client, "abook", input_responses=replies, request_state=state)
        with pytest.raises(MCPError, match="requestState"):
            await ask(client, "book", input_responses=replies, request_state=state[:-4] + "AAAA")
        done = await ask(client, "book", input_responses=replies, request_state=state)
        assert done.content[0].text == "Bern 1"
        again = await ask(client, "book", input_responses=replies, request_state=state)
        assert again.is_error
        assert "no longer waits" in again.content[0].text
    assert runs == ["book"]


async def test_an_unanswered_question_is_put_again(dial_modern) -> None:
    async with dial_modern(booking([]), elicitation_callback=replying({})) as client:
        first = await ask(client, "both")
        assert len(first.input_requests) == 2
        one = dict(list(accepted(first).items())[:1])
        second = await ask(client, "both", input_responses=one, request_state=first.request_state)
        assert len(second.input_requests) == 1
        done = await ask(
            client, "both", input_responses=accepted(second), request_state=second.request_state
        )
        assert done.content[0].text == "Bern 1 Bern 1"


async def test_a_call_waits_for_its_user_only_so_long(dial_modern) -> None:
    server = booking([], question_timeout=0.05)
    async with dial_modern(server, elicitation_callback=replying({})) as client:
        asked = await ask(client, "book")
        await asyncio.sleep(0.3)
        late = await ask(
            client, "book", input_responses=accepted(asked), request_state=asked.request_state
        )
        assert late.is_error
        assert "no longer waits" in late.content[0].text


async def test_only_so_many_calls_wait(dial_modern) -> None:
    server = booking([], max_open_questions=2)
    async with dial_modern(server, elicitation_callback=replying({})) as client:
        results = [await ask(client, "book") for _ in range(3)]
        assert [result.result_type for result in results[:2]] == ["input_required"] * 2
        assert results[2].is_error
        assert "too many calls" in results[2].content[0].text


async def test_only_tools_can_ask_in_todays_protocol(dial_modern) -> None:
    server = RactoMCPServer("questions")

    @server.prompt
    async def plan(context: ToolContext) -> str:
        reply = await context.aelicit("Where to?", Trip)
        return reply.action

    async with dial_modern(server, elicitation_callback=replying({})) as client:
        with pytest.raises(MCPError, match="only a tool can ask"):
            await client.get_prompt("plan")


def test_a_nested_model_is_no_form() -> None:
    with pytest.raises(SchemaError, match="Nested"):
        Question.of("?", Nested)


def test_an_accepted_form_without_content_does_not_fit() -> None:
    with pytest.raises(ToolExecutionError, match="city"):
        Question.of("?", Trip).reply(types.ElicitResult(action="accept"))
