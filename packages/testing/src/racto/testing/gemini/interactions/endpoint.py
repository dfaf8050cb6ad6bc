"""Interactions: created, shown again, streamed, cancelled and deleted."""

from __future__ import annotations

from http import HTTPStatus
from itertools import count
from typing import Any

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.gemini.failures import bad_fields, failure_answer, refusal
from racto.testing.gemini.protojson import Faults
from racto.testing.gemini.requests import read
from racto.testing.gemini.routes import Route
from racto.testing.jobs import Jobs
from racto.testing.payloads import encoded, streamed, whole
from racto.testing.replies import Failure

from .events import turn_events
from .rendering import Turn
from .requests import INTERACTION, check_steps, steps_of

_CANCEL = "/cancel"


class Interaction:
    """An interaction that is kept; one in the background takes a poll to end.

    Args:
        turn: What is asked and said.
        background: Whether it goes on in the background.

    Attributes:
        id: Its id.
        turn: What is asked and said.
        state: The state while it has not ended; None when it has.
    """

    def __init__(self, turn: Turn, *, background: bool) -> None:
        self.id = turn.id
        self.turn = turn
        self.state: str | None = "in_progress" if background else None

    def step(self) -> None:
        """Come to an end."""
        if self.state == "in_progress":
            self.state = None

    def cancel(self) -> None:
        """Go no further."""
        if self.state == "in_progress":
            self.state = "cancelled"


class InteractionsEndpoint(Jobs[Interaction]):
    """The interactions of a server."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count(1)
        self._continuations: dict[str, str] = {}

    def takes(self, route: Route, request: Incoming) -> bool:
        """Whether the request is about interactions."""
        return route.collection == "interactions" and bool(_action(route, request))

    def answer(self, route: Route, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If the real API would refuse the request.
        """
        with self._lock:
            if _action(route, request) == "create":
                return self._create(request, script)
            return self._interrupted(lambda: self._of_one(route, request), failure_answer)

    def _of_one(self, route: Route, request: Incoming) -> Outgoing:
        found = self._known(route.id.removesuffix(_CANCEL))
        match _action(route, request):
            case "delete":
                self._remove(found)
                return Outgoing(body=b"{}")
            case "cancel":
                found.cancel()
            case _:
                self._poll(found)
        if request.query.get("stream") == "true":
            return streamed(found.turn.reply, turn_events(found.turn))
        return Outgoing(body=encoded(found.turn.body(found.state)))

    def _create(self, request: Incoming, script: Script) -> Outgoing:
        asked = self._read(request)
        reply = script.reply_to(request)
        if isinstance(reply, Failure):
            # A failure keeps nothing: the same input may be sent again.
            return failure_answer(reply, asked.get("model", ""))
        turn = Turn(id=f"interaction-{next(self._numbers)}", asked=asked, reply=reply)
        if turn.continuation:
            self._continuations[turn.continuation] = turn.id
        made = Interaction(turn, background=asked.get("background", False))
        if asked.get("store", True):
            self._add(made)
        if asked.get("stream"):
            return streamed(reply, turn_events(turn))
        return whole(reply, lambda: turn.body(made.state))

    def _read(self, request: Incoming) -> dict[str, Any]:
        asked = read(INTERACTION, request)
        if not asked.get("model") and not asked.get("agent"):
            raise refusal("model: must be specified")
        if asked.get("background") and asked.get("store") is False:
            raise refusal("background: needs store")
        faults = Faults()
        steps = steps_of(asked["input"], faults) if "input" in asked else []
        if faults.found:
            raise bad_fields(faults.found)
        previous = asked.get("previousInteractionId")
        waiting = self._known(previous).turn.open_calls if previous else ()
        if token := asked.get("continuationToken"):
            self._check_continuation(token, previous)
            if previous and steps:
                raise refusal("input: must not be set, since the interaction goes on by itself")
        # An interaction that is not kept goes on with its token and its input once more.
        if not token or not previous:
            check_steps(steps, waiting)
        return asked

    def _check_continuation(self, token: str, previous: str | None) -> None:
        owner = self._continuations.get(token)
        if owner is None or previous not in (None, owner):
            raise refusal("continuation_token: belongs to no such interaction")

    def _known(self, id: str) -> Interaction:
        if id not in self._jobs:
            raise refusal(f"Interaction {id} not found.", status=HTTPStatus.NOT_FOUND)
        return self._jobs[id]


def _action(route: Route, request: Incoming) -> str:
    # Unlike the rest of the API, interactions are cancelled by a path and not by a method.
    if route.id.endswith(_CANCEL):
        return "cancel" if request.method == "POST" else ""
    action = route.action(request.method)
    return action if action in ("create", "get", "delete") else ""
