from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from racto.core import (
    ChatConfig,
    ConfigurationError,
    LLMResponse,
    PermissionDeniedError,
    ToolAnnotations,
    ToolCallResult,
    ToolRegistry,
    ToolSchema,
)
from racto.core.testing import ScriptedKit
from racto.tools.mcp.agent import Approval, ApprovalRequest, MCPAgent, StopReason, unless_read_only

QUESTION = ChatConfig(user_message="Go on.")


def two(approve: Callable[[ApprovalRequest], Any]) -> list[Any]:
    """An approver, and its async twin."""

    async def aapprove(request: ApprovalRequest) -> Any:
        await asyncio.sleep(0)
        return approve(request)

    return [approve, aapprove]


@pytest.mark.parametrize("is_async", [0, 1])
def test_a_refusal_is_told_to_the_model(
    go: Callable[..., Any], say: Any, registry: ToolRegistry, is_async: int
) -> None:
    asked: list[ApprovalRequest] = []

    def approve(request: ApprovalRequest) -> Any:
        asked.append(request)
        if request.call.name == "double":
            return True
        return Approval(allowed=False, reason="Not on a Sunday.")

    kit = ScriptedKit([say("broken", ("double", {"number": 1}), "broken"), "as you wish"])
    response = go(MCPAgent(kit, registry, approve=two(approve)[is_async]), QUESTION)
    assert [(request.call.name, request.turn) for request in asked] == [
        ("broken", 1),
        ("double", 1),
        ("broken", 1),
    ]
    assert asked[1].schema.description == "Double a number."
    answers = kit.requests[1].messages()[-1].parts
    assert [part.is_error for part in answers] == [True, False, True]
    assert "was not approved. The reason: Not on a Sunday." in answers[0].text
    assert sorted((run.call.id, run.approved) for run in response.tool_runs) == [
        ("c0-broken", False),
        ("c1-double", True),
        ("c2-broken", False),
    ]


def test_edited_arguments_are_used_checked_and_told(
    go: Callable[..., Any], say: Any, registry: ToolRegistry
) -> None:
    edits = iter([{"number": 5}, {"number": "five"}, {"number": 1}])
    kit = ScriptedKit([say(*[("double", {"number": 1})] * 3), "done"])
    agent = MCPAgent(kit, registry, approve=lambda _: Approval(allowed=True, arguments=next(edits)))
    response = go(agent, QUESTION)
    changed, wrong, same = kit.requests[1].messages()[-1].parts
    assert changed.text == '10\n[The user changed the arguments of this call to {"number": 5}]'
    assert wrong.is_error
    assert "do not fit its schema" in wrong.text
    assert same.text == "2"
    # What the model said stays as it said it.
    assert kit.requests[1].messages()[-2].tool_calls[0].arguments == {"number": 1}
    assert response.tool_runs[0].call.arguments == {"number": 5}


def test_nobody_is_bothered_with_calls_that_cannot_run(
    go: Callable[..., Any], registry: ToolRegistry
) -> None:
    wrong = [
        ToolCallResult(id="1", name="nonsense"),
        ToolCallResult(id="2", name="double", arguments={"number": "two"}),
        ToolCallResult.of_text("{", name="double", id="3"),
    ]

    def approve(request: ApprovalRequest) -> bool:
        raise AssertionError(f"asked about {request.call}")

    agent = MCPAgent(
        ScriptedKit([LLMResponse(tool_calls=wrong), "sorry"]), registry, approve=approve
    )
    response = go(agent, QUESTION)
    assert [run.approved for run in response.tool_runs] == [None] * 3
    assert all(run.result.is_error for run in response.tool_runs)


def test_an_approver_that_raises_stops_the_run_before_any_tool(
    go: Callable[..., Any], say: Any, registry: ToolRegistry
) -> None:
    def approve(request: ApprovalRequest) -> bool:
        if request.call.name == "double":
            raise PermissionDeniedError("the user has gone home")
        return False

    kit = ScriptedKit([say("broken", ("double", {"number": 1}), "weather"), "resumed"])
    agent = MCPAgent(kit, registry, approve=approve)
    with pytest.raises(PermissionDeniedError) as caught:
        go(agent, QUESTION)
    partial = caught.value.partial
    assert partial.stop_reason is StopReason.ERROR
    assert [run.approved for run in partial.tool_runs] == [False]
    texts = [part.text for part in partial.transcript[-1].parts]
    assert "not approved" in texts[0]
    assert "not run: the run broke off with an error" in texts[1]
    assert MCPAgent(kit, registry).resume(partial).content == "resumed"


def test_an_approver_that_forgets_to_decide_is_a_fault(
    go: Callable[..., Any], say: Any, registry: ToolRegistry
) -> None:
    agent = MCPAgent(
        ScriptedKit([say("broken")]),
        registry,
        approve=lambda _request: None,  # type: ignore[arg-type]
    )
    with pytest.raises(ConfigurationError, match="must return True, False or an Approval"):
        go(agent, QUESTION)


@pytest.mark.parametrize("is_async", [0, 1])
def test_read_only_tools_need_no_approval(go: Callable[..., Any], say: Any, is_async: int) -> None:
    registry = ToolRegistry()
    for name, said in [
        ("look", ToolAnnotations(read_only=True)),
        ("wipe", ToolAnnotations(destructive=True)),
        ("guess", None),
    ]:
        schema = ToolSchema(
            name=name,
            json_schema={"type": "object", "properties": {}},
            annotations=said,
        )
        registry.add(schema, lambda: "done")
    asked: list[str] = []

    def approve(request: ApprovalRequest) -> bool:
        asked.append(request.call.name)
        return False

    kit = ScriptedKit([say("look", "wipe", "guess"), "done"])
    agent = MCPAgent(kit, registry, approve=unless_read_only(two(approve)[is_async]))
    go(agent, QUESTION)
    assert asked == ["wipe", "guess"]
    answers = kit.requests[1].messages()[-1].parts
    assert [part.is_error for part in answers] == [False, True, True]


async def test_a_blocking_approver_does_not_block_the_loop(
    say: Any, registry: ToolRegistry
) -> None:
    free = threading.Event()

    def approve(request: ApprovalRequest) -> bool:
        return free.wait(10)

    agent = MCPAgent(ScriptedKit([say("broken"), "done"]), registry, approve=approve)
    task = asyncio.ensure_future(agent.arun(QUESTION))
    await asyncio.sleep(0.02)
    free.set()
    response = await task
    assert response.tool_runs[0].approved
