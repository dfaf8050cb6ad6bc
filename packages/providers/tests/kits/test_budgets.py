"""One budget a request: retries and repairs add up where they would otherwise multiply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest
from pydantic import BaseModel

from racto.core import (
    ChatConfig,
    OverloadedError,
    RactoGatewayTimeoutError,
    ResponseModelValidationError,
    RetryPolicy,
    ServerError,
    ToolRegistry,
)
from racto.core.retries import Deadline
from racto.providers.kits.budgets import Bounded, Budget
from racto.providers.openai import OpenAIDeveloperKit
from racto.testing import Conduct, Failure, OpenAIServer, Reply, ToolCall

Make = Callable[..., OpenAIDeveloperKit]


class City(BaseModel):
    name: str


def weather(city: str) -> str:
    """Tell the weather."""
    return f"sunny in {city}"


CITY = ChatConfig(user_message="Which city?", response_model=City)


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Chats in either voice."""
    if request.param == "sync":
        return lambda kit, config: kit.chat(config)
    return lambda kit, config: asyncio.run(kit.achat(config))


def answering(*answers: Reply | Failure) -> Callable[[Any], Reply | Failure]:
    script: Iterator[Reply | Failure] = cycle(answers)
    return lambda _request: next(script)


def test_failures_and_repairs_together_stay_within_their_sum(
    server: OpenAIServer, kit: OpenAIDeveloperKit, ask: Callable[..., Any]
) -> None:
    # Three times three calls, if each repair brought retries of its own.
    server.when(answering(Failure(kind="server_error"), Reply(text="{}")))
    with pytest.raises(ServerError):
        ask(kit, CITY)
    # Two retries, and between them the repairs that the replies asked for.
    assert len(server.requests) == 5


def test_repairs_do_not_use_up_the_retries(
    server: OpenAIServer, kit: OpenAIDeveloperKit, ask: Callable[..., Any]
) -> None:
    server.when(lambda _request: Reply(text="{}"))
    with pytest.raises(ResponseModelValidationError):
        ask(kit, CITY)
    assert len(server.requests) == 3


def test_a_round_of_tools_brings_the_request_forward_and_renews_its_retries(
    server: OpenAIServer, kit: OpenAIDeveloperKit, ask: Callable[..., Any]
) -> None:
    failing = Failure(kind="overloaded")
    wants = Reply(tool_calls=[ToolCall(name="weather", arguments={"city": "Rome"})])
    server.add(failing, failing, wants, failing, failing, Reply(text="Sunny."))
    config = ChatConfig(
        user_message="Rome?", tools=ToolRegistry([weather]), auto_execute_tools=True
    )
    response = ask(kit, config)
    assert response.content == "Sunny."
    assert response.attempts == 6


def test_a_stream_draws_on_the_same_budget(server: OpenAIServer, make_kit: Make) -> None:
    kit = make_kit(retry=RetryPolicy(attempts=2, base=0.01))
    wants = Reply(tool_calls=[ToolCall(name="weather", arguments={"city": "Rome"})])
    failing = Failure(kind="overloaded")
    server.add(failing, wants, failing, failing)
    config = ChatConfig(
        user_message="Rome?", tools=ToolRegistry([weather]), auto_execute_tools=True
    )
    with pytest.raises(OverloadedError):
        list(kit.stream(config))
    assert len(server.requests) == 4


def test_a_budget_limits_a_policy_and_never_widens_it() -> None:
    policy = RetryPolicy(attempts=4, patience=60.0)
    assert Budget(retries=3, repairs=0).limited(policy) is policy
    assert Budget(retries=9, repairs=0).limited(policy) is policy
    assert Budget(retries=1, repairs=0).limited(policy).attempts == 2
    assert Budget(retries=0, repairs=0).limited(policy).attempts == 1
    impatient = Budget(retries=3, repairs=0, patience=2.0).limited(policy)
    assert (impatient.attempts, impatient.patience) == (4, 2.0)


def test_a_kit_answers_within_somebody_else_s_budget_and_deadline(
    server: OpenAIServer, kit: OpenAIDeveloperKit
) -> None:
    assert isinstance(kit, Bounded)
    budget = Budget(retries=1, repairs=0)
    bounded = kit.within(Deadline.after(5.0), budget)
    server.when(lambda _request: Failure(kind="server_error"))
    with pytest.raises(ServerError):
        bounded.chat(ChatConfig(user_message="hi"))
    assert len(server.requests) == 2
    assert budget.retries == 0
    # The kit itself is as it was.
    with pytest.raises(ServerError):
        kit.chat(ChatConfig(user_message="hi"))
    assert len(server.requests) == 5


def test_the_kit_s_own_timeout_still_holds_within_a_longer_deadline(
    server: OpenAIServer, make_kit: Make
) -> None:
    kit = make_kit(timeout=0.2).within(Deadline.after(60.0), Budget(retries=0, repairs=0))
    server.add(Reply(text="late", conduct=Conduct(delay=2.0)))
    with pytest.raises(RactoGatewayTimeoutError):
        kit.chat(ChatConfig(user_message="hi", timeout=50.0))
