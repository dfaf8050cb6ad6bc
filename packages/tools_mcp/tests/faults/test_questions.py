"""Questions and news from a server cannot break the session, whatever the user's functions do."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from racto.core import InvalidResponseError, RactoGatewayError
from racto.tools.mcp import (
    Elicitation,
    ElicitationRequest,
    Interactions,
    LogMessage,
    RactoMCPClient,
)

SECRET = "the password is hunter2"


def raising(_: object) -> Any:
    raise RuntimeError(SECRET)


async def araising(_: object) -> Any:
    raise RuntimeError(SECRET)


async def told(client: RactoMCPClient, tool: str) -> dict[str, Any]:
    return dict(json.loads((await client.call_tool(tool)).content))


@pytest.mark.parametrize("function", [raising, araising])
@pytest.mark.parametrize("tool", ["elicit", "sample", "roots"])
async def test_a_raising_function_is_an_error_that_tells_the_server_nothing(
    hostile: Any, function: Any, tool: str, caplog: pytest.LogCaptureFixture
) -> None:
    given = {"elicit": function, "sample": function}
    if tool == "roots":
        given = {"roots": lambda: raising(None)}
    async with RactoMCPClient(hostile("asks"), interactions=Interactions(**given)) as client:
        reply = await told(client, tool)
        assert set(reply) == {"error"}
        assert SECRET not in json.dumps(reply)
        assert client.state == "open"
    assert SECRET in caplog.text


@pytest.mark.parametrize("answer", [None, "yes", {"name": "Ada"}, Elicitation.accept({"name": 7})])
async def test_an_answer_that_does_not_fit_is_not_sent(hostile: Any, answer: Any) -> None:
    given = Interactions(elicit=lambda question: answer)
    async with RactoMCPClient(hostile("asks"), interactions=given) as client:
        assert set(await told(client, "elicit")) == {"error"}


async def test_good_answers_come_through(hostile: Any, tmp_path: Any) -> None:
    asked: list[ElicitationRequest] = []

    async def elicit(question: ElicitationRequest) -> Elicitation:
        asked.append(question)
        return Elicitation.accept({"name": "Ada"})

    given = Interactions(elicit=elicit, roots=[tmp_path])
    async with RactoMCPClient(hostile("asks"), interactions=given) as client:
        reply = await told(client, "elicit")
        assert reply["result"] == {"action": "accept", "content": {"name": "Ada"}}
        (root,) = (await told(client, "roots"))["result"]["roots"]
        assert root["uri"].startswith(tmp_path.as_uri())
    assert asked[0].message == "Who?"
    assert asked[0].server == "asks"


@pytest.mark.parametrize("tool", ["elicit", "sample", "roots"])
async def test_what_is_not_offered_is_refused(hostile: Any, tool: str) -> None:
    async with RactoMCPClient(hostile("asks")) as client:
        assert set(await told(client, tool)) == {"error"}
    (hello,) = hostile.received("initialize")
    assert not {"elicitation", "sampling", "roots"} & set(hello["params"]["capabilities"])


@pytest.mark.parametrize(
    "tool", ["no_method", "no_params", "wrong_params", "wrong_sample", "wrong_url"]
)
async def test_a_question_that_is_nonsense_reaches_nobody(hostile: Any, tool: str) -> None:
    asked: list[object] = []

    def ask(question: object) -> Any:
        asked.append(question)
        return Elicitation.decline()

    given = Interactions(elicit=ask, sample=ask)
    async with RactoMCPClient(hostile("asks", timeout=5.0), interactions=given) as client:
        reply = await told(client, tool)
        if tool != "wrong_url":
            assert set(reply) == {"error"}
            assert asked == []
        assert client.state == "open"


@pytest.mark.parametrize("function", [raising, araising])
async def test_raising_listeners_break_nothing(hostile: Any, function: Any) -> None:
    given = Interactions(on_log=function, on_change=function)
    async with RactoMCPClient(hostile("asks"), interactions=given) as client:
        for tool in ("tell", "tell_nonsense", "change"):
            assert (await client.call_tool(tool)).content.endswith(("told", "changed"))

        def step(*_: object) -> None:
            raise RuntimeError(SECRET)

        assert (await client.call_tool("progress", on_progress=step)).content == "stepped"
        assert client.state == "open"


async def test_log_lines_come_in_order(hostile: Any) -> None:
    lines: list[LogMessage] = []
    given = Interactions(on_log=lines.append)
    async with RactoMCPClient(hostile("asks"), interactions=given) as client:
        await client.call_tool("tell", {"times": 200})
        assert await hostile.until(lambda: len(lines) >= 200)
    assert [line.data["n"] for line in lines] == list(range(200))
    assert {(line.level, line.logger, line.server) for line in lines} == {("info", "asks", "asks")}


async def test_a_slow_listener_does_not_hold_up_calls(hostile: Any) -> None:
    release = asyncio.Event()

    async def wait(_: object) -> None:
        await release.wait()

    given = Interactions(on_log=wait)
    async with RactoMCPClient(hostile("asks", timeout=10.0), interactions=given) as client:
        assert (await client.call_tool("tell", {"times": 500})).content == "told"
        assert (await client.call_tool("tell")).content == "told"
        release.set()


async def test_a_flood_of_news_ends(hostile: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    seen: list[LogMessage] = []
    given = Interactions(on_log=seen.append)
    async with RactoMCPClient(hostile("asks", timeout=120.0), interactions=given) as client:
        assert (await client.call_tool("tell", {"times": 5_000})).content == "told"


async def test_steps_backwards_and_from_nowhere_are_survived(hostile: Any) -> None:
    steps: list[float] = []
    async with RactoMCPClient(hostile("asks")) as client:
        result = await client.call_tool("progress", on_progress=lambda done, *_: steps.append(done))
        assert result.content == "stepped"
        assert (await client.call_tool("pid")).content
    assert steps[:2] == [1, 2]


async def test_steps_are_told_in_order_and_before_the_answer(hostile: Any) -> None:
    told: list[float] = []

    async def atell(done: float, total: float | None, message: str) -> None:
        told.append(done)

    def tell(done: float, total: float | None, message: str) -> None:
        told.append(done)

    async with RactoMCPClient(hostile("asks")) as client:
        await client.list_tools()
        for listener in (atell, tell):
            for _ in range(10):
                told.clear()
                await client.call_tool("steps", on_progress=listener)
                assert told == list(range(1, 21))


async def test_the_clock_of_a_call_stands_still_while_a_person_is_asked(hostile: Any) -> None:
    async def ponder(_: object) -> Elicitation:
        await asyncio.sleep(1.5)
        return Elicitation.accept({"name": "Ada"})

    given = Interactions(elicit=ponder)
    async with RactoMCPClient(hostile("asks", timeout=1.0), interactions=given) as client:
        assert (await told(client, "elicit"))["result"]["action"] == "accept"


async def test_closing_while_a_person_is_asked(hostile: Any) -> None:
    asked, cancelled = asyncio.Event(), asyncio.Event()

    async def ponder(_: object) -> Elicitation:
        asked.set()
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return Elicitation.decline()

    client = RactoMCPClient(hostile("asks"), interactions=Interactions(elicit=ponder))
    await client.aopen()
    call = asyncio.create_task(client.call_tool("elicit"))
    await asked.wait()
    await client.aclose()
    (outcome,) = await asyncio.gather(call, return_exceptions=True)
    assert isinstance(outcome, RactoGatewayError)
    assert cancelled.is_set()


@pytest.mark.parametrize("tool", ["again", "nothing_asked"])
async def test_rounds_of_questions_without_end_are_given_up(hostile: Any, tool: str) -> None:
    given = Interactions(elicit=lambda question: Elicitation.accept({"name": "Ada"}))
    config = hostile("rounds", protocol="auto", timeout=60.0)
    async with RactoMCPClient(config, interactions=given) as client:
        assert client.server.protocol == "2026-07-28"
        with pytest.raises(InvalidResponseError, match="rounds"):
            await client.call_tool(tool)
        assert (await client.call_tool("echo", {"word": "on"})).content == "on"
