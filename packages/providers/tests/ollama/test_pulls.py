"""Downloads: every step is told, and one that did not end well is an error."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from racto.core import (
    APIConnectionError,
    InvalidResponseError,
    NotFoundError,
    RactoGatewayTimeoutError,
    ServerError,
    StreamTruncatedError,
)
from racto.core.flows import arun, run
from racto.core.retries import NO_DEADLINE, Deadline
from racto.providers.connections import Connection
from racto.providers.ollama import PullProgress
from racto.providers.ollama.connection import connect
from racto.providers.ollama.pulls import pulling
from racto.testing import Conduct, OllamaServer, Reply

Pull = Callable[..., list[PullProgress]]


@pytest.fixture(params=["sync", "async"])
def pull(request: pytest.FixtureRequest, ollama_server: OllamaServer) -> Pull:
    """Pulls a model in either voice; gives the steps."""

    def flow(connection: Connection, steps: list[PullProgress], deadline: Deadline) -> Any:
        return pulling("tiny", connection, on_progress=steps.append, deadline=deadline)

    async def apulled(steps: list[PullProgress], deadline: Deadline) -> None:
        connection = connect(base_url=ollama_server.url)
        try:
            await arun(flow(connection, steps, deadline))
        finally:
            await connection.transport.aclose()

    def pulled(deadline: Deadline = NO_DEADLINE) -> list[PullProgress]:
        steps: list[PullProgress] = []
        if request.param == "async":
            asyncio.run(apulled(steps, deadline))
            return steps
        connection = connect(base_url=ollama_server.url)
        try:
            run(flow(connection, steps, deadline))
        finally:
            connection.transport.close()
        return steps

    return pulled


def test_every_step_is_told(ollama_server: OllamaServer, pull: Pull) -> None:
    steps = pull()
    assert steps[0] == PullProgress(status="pulling manifest")
    assert steps[-1].status == "success"
    layers = [step for step in steps if step.digest]
    assert [step.fraction for step in layers] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert ollama_server.last.json == {"model": "tiny", "stream": True}


def test_a_model_that_does_not_exist_is_an_error(ollama_server: OllamaServer, pull: Pull) -> None:
    ollama_server.fail("not_found")
    with pytest.raises(NotFoundError, match="file does not exist"):
        pull()


def test_a_failure_before_the_first_line_is_one_too(
    ollama_server: OllamaServer, pull: Pull
) -> None:
    ollama_server.fail("server_error")
    with pytest.raises(ServerError):
        pull()


@pytest.mark.parametrize(
    ("conduct", "kind"),
    [(Conduct(), StreamTruncatedError), (Conduct(cut_after=1), APIConnectionError)],
)
def test_one_that_breaks_off_is_an_error(
    ollama_server: OllamaServer, pull: Pull, conduct: Conduct, kind: type[Exception]
) -> None:
    steps = [{"status": "pulling manifest"}] * 2
    ollama_server.when(lambda _: Reply(events=steps, conduct=conduct))
    with pytest.raises(kind):
        pull()


@pytest.mark.parametrize(
    "event",
    [
        "[]",
        "nonsense",
        {"total": 7},
        {"status": "x", "total": "y"},
        '{"status": "x", "total": 1e999}',
    ],
)
def test_a_line_of_another_shape_is_invalid(
    ollama_server: OllamaServer, pull: Pull, event: Any
) -> None:
    ollama_server.when(lambda _: Reply(events=[event]))
    with pytest.raises(InvalidResponseError, match="another shape"):
        pull()


def test_one_that_takes_too_long_is_left(ollama_server: OllamaServer, pull: Pull) -> None:
    events = [{"status": json.dumps(number)} for number in range(100)]
    ollama_server.when(lambda _: Reply(events=events, conduct=Conduct(pause=0.05)))
    with pytest.raises(RactoGatewayTimeoutError):
        pull(Deadline.after(0.3))
    assert ollama_server.wait_until(lambda: ollama_server.open_connections == 0)


def test_a_share_needs_a_size() -> None:
    assert PullProgress(status="s", total=0, completed=5).fraction is None
    assert PullProgress(status="s", total=4, completed=5).fraction == 1.0
