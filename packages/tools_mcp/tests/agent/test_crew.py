from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import pytest

from racto.core import ChatConfig, LLMResponse, ToolCallResult, ToolRegistry
from racto.core.testing import ScriptedKit
from racto.tools.mcp.agent import AgentLimits, MCPAgent, crew

QUESTION = ChatConfig(user_message="Go on.")
TENANT: ContextVar[str] = ContextVar("tenant", default="nobody")


def test_the_tools_of_a_turn_run_at_once_and_never_too_many(
    ask: Callable[..., Any], say: Any
) -> None:
    lock = threading.Lock()
    now, most = 0, 0
    met = threading.Barrier(3)

    def work() -> str:
        """Work."""
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        # Three meet, or it breaks: so they do run at once.
        met.wait(10)
        with lock:
            now -= 1
        return "ok"

    agent = MCPAgent(
        ScriptedKit([say(*["work"] * 9), "done"]),
        ToolRegistry([work]),
        limits=AgentLimits(max_parallel_tools=3),
    )
    response = ask(agent, QUESTION)
    assert [run.result.text for run in response.tool_runs] == ["ok"] * 9
    assert most == 3


@pytest.mark.parametrize("count", [1, 3])
def test_tools_see_the_callers_context(ask: Callable[..., Any], say: Any, count: int) -> None:
    def whose() -> str:
        """Tell whose."""
        return TENANT.get()

    token = TENANT.set("ada")
    try:
        agent = MCPAgent(ScriptedKit([say(*["whose"] * count), "done"]), ToolRegistry([whose]))
        runs = ask(agent, QUESTION).tool_runs
    finally:
        TENANT.reset(token)
    assert {run.result.text for run in runs} == {"ada"}


def test_whatever_goes_wrong_is_told_to_the_model(
    go: Callable[..., Any], registry: ToolRegistry
) -> None:
    wrong = [
        ToolCallResult(id="1", name="nonsense"),
        ToolCallResult(id="2", name="double", arguments={"number": "two"}),
        ToolCallResult.of_text('{"number": 2', name="double", id="3"),
        ToolCallResult(id="4", name="broken"),
        ToolCallResult(id="5", name="double", arguments={"number": 2}),
    ]
    kit = ScriptedKit([LLMResponse(tool_calls=wrong), "sorry"])
    response = go(MCPAgent(kit, registry), QUESTION)
    assert response.content == "sorry"
    answers = kit.requests[1].messages()[-1].parts
    assert [part.tool_call_id for part in answers] == list("12345")
    assert [part.is_error for part in answers] == [True] * 4 + [False]
    for part, words in zip(
        answers, ("nonsense", "number", "not one JSON object", "out of order", "4"), strict=True
    ):
        assert words in part.text


async def test_cancelling_the_run_cancels_its_tools(say: Any) -> None:
    fates: list[str] = []
    begun = asyncio.Event()

    async def waits() -> str:
        """Wait."""
        begun.set()
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            fates.append("cancelled")
            raise
        return "late"

    for calls in (1, 3):
        begun.clear()
        agent = MCPAgent(ScriptedKit([say(*["waits"] * calls)]), ToolRegistry([waits]))
        task = asyncio.ensure_future(agent.arun(QUESTION))
        await begun.wait()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert fates == ["cancelled"] * calls
        fates.clear()


@pytest.mark.parametrize("count", [1, 2])
def test_a_tool_that_cancels_itself_ends_only_itself(
    go: Callable[..., Any], say: Any, count: int
) -> None:
    async def gives_up() -> str:
        """Give up, as a session does whose connection is gone."""
        raise asyncio.CancelledError

    agent = MCPAgent(ScriptedKit([say(*["gives_up"] * count), "done"]), ToolRegistry([gives_up]))
    response = go(agent, QUESTION)
    assert response.content == "done"
    assert all(run.result.is_error for run in response.tool_runs)


async def test_a_tool_that_does_not_heed_its_cancellation_holds_nobody(
    say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "CANCELLING_SECONDS", 0.05)
    released = asyncio.Event()
    fates: list[str] = []

    async def stubborn() -> str:
        """Go on all the same."""
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                fates.append("heard it")
        fates.append("ended")
        return "late"

    agent = MCPAgent(
        ScriptedKit([say("stubborn"), "on"]),
        ToolRegistry([stubborn]),
        limits=AgentLimits(tool_timeout=0.05),
    )
    response = await agent.arun(QUESTION)
    assert response.content == "on"
    assert response.tool_runs[0].result.is_error
    assert fates == ["heard it"]
    released.set()
    await asyncio.sleep(0.01)
    assert fates == ["heard it", "ended"]


def test_an_interrupt_in_a_tool_ends_the_run(say: Any) -> None:
    def interrupted() -> str:
        """Be interrupted."""
        raise KeyboardInterrupt

    for calls in (1, 2):
        kit = ScriptedKit([say(*["interrupted"] * calls)])
        with pytest.raises(KeyboardInterrupt):
            MCPAgent(kit, ToolRegistry([interrupted])).run(QUESTION)
