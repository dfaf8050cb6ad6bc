"""Calls are retried where that helps, get the time that is left, and their client is always closed."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core.deadlines import Deadline
from racto.core.errors import APIConnectionError, BadRequestError, InvalidResponseError
from racto.core.flows import Flow, arun, run
from racto.core.retries import RetryPolicy
from racto.finetune.calls import CALL_SECONDS, LAST_LOOK_SECONDS, Calls, Use, talking
from racto.finetune.failures import Translator

QUICK = RetryPolicy(attempts=3, base=0.001)


class Tin:
    """A line without a wire: it counts its clients and calls what it is given."""

    def __init__(self) -> None:
        self.translator = Translator("tin")
        self.open_clients = 0

    def open(self) -> str:
        """One more."""
        self.open_clients += 1
        return "client"

    async def aopen(self) -> str:
        """One more."""
        return self.open()

    def close(self, client: str) -> None:
        """One less."""
        self.open_clients -= 1

    async def aclose(self, client: str) -> None:
        """One less."""
        self.close(client)

    def call(self, client: str, use: Use, seconds: float) -> Any:
        """Call it."""
        return use(client, seconds)

    async def acall(self, client: str, use: Use, seconds: float) -> Any:
        """Call it."""
        return use(client, seconds)


class Broken:
    """Fails some times, and then answers how often it was called."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.calls = 0
        self._failures = failures
        self._error = error

    def __call__(self, client: Any, seconds: float) -> int:
        self.calls += 1
        if self.calls <= self._failures:
            raise self._error
        return self.calls


async def test_what_passes_is_tried_again_and_what_does_not_is_not() -> None:
    gone = APIConnectionError("gone")
    tin = Tin()
    assert run(talking(tin, QUICK, lambda calls: calls.ask(Broken(2, gone)))) == 3
    assert await arun(talking(tin, QUICK, lambda calls: calls.ask(Broken(2, gone)))) == 3
    for use, made in ((Broken(9, gone), 3), (Broken(9, BadRequestError("no")), 1)):
        with pytest.raises((APIConnectionError, BadRequestError)):
            run(talking(tin, QUICK, lambda calls, use=use: calls.ask(use)))  # type: ignore[misc]
        assert use.calls == made
    once = Broken(1, gone)
    with pytest.raises(APIConnectionError):
        run(talking(tin, QUICK, lambda calls: calls.once(once)))
    assert (once.calls, tin.open_clients) == (1, 0)


async def test_a_client_is_closed_however_the_talk_ends() -> None:
    tin = Tin()

    def interrupted(calls: Calls) -> Flow[None]:
        assert tin.open_clients == 1
        yield from ()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(talking(tin, QUICK, interrupted))
    with pytest.raises(KeyboardInterrupt):
        await arun(talking(tin, QUICK, interrupted))
    assert tin.open_clients == 0


@pytest.mark.parametrize(
    ("left", "given"), [(5.0, 5.0), (0.0, LAST_LOOK_SECONDS), (1e9, CALL_SECONDS)], ids=str
)
def test_a_call_gets_the_time_that_is_left(left: float, given: float) -> None:
    deadline = Deadline(at=left, clock=lambda: 0.0)

    def talk(calls: Calls) -> Flow[float]:
        return calls.once(lambda client, seconds: seconds, deadline=deadline)

    assert run(talking(Tin(), QUICK, talk)) == given


def test_an_answer_that_cannot_be_read_is_an_error_of_the_provider() -> None:
    def decode(answer: Any) -> int:
        raise ValueError("no id")

    calls = Calls(Tin(), "client", retries=QUICK)
    assert calls.read(str, 7) == "7"
    with pytest.raises(InvalidResponseError, match="tin: the answer cannot be read: no id"):
        calls.read(decode, 7)
