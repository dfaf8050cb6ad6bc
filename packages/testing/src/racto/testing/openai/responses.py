"""Responses: one reply to a conversation, whole, streamed or in the background, and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import encoded, streamed, whole
from racto.testing.replies import Failure
from racto.testing.vectors import tokens

from .failures import failure_answer, only, refusal
from .ids import Ids
from .response_events import events
from .response_rendering import Answer
from .response_requests import ResponseRequest, TokenCountRequest
from .response_rules import check
from .response_store import Item, ResponseStore, StoredResponse
from .response_turns import check_turns, resolved
from .validation import read

_PATH = "/v1/responses"


class ResponsesEndpoint:
    """``/v1/responses`` and what lies below it.

    Args:
        ids: Makes ids.
    """

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._store = ResponseStore()

    def takes(self, request: Incoming) -> bool:
        """Whether the request is for this part."""
        return request.path == _PATH or request.path.startswith(f"{_PATH}/")

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If the API would not take the request.
        """
        rest = request.path.removeprefix(_PATH).strip("/").split("/")
        match (request.method, *rest):
            case (_, ""):
                only("POST", request)
                return self._create(request, script)
            case ("POST", "input_tokens"):
                return self._count(request, script)
            case ("GET", id):
                return self._retrieve(id, request)
            case ("DELETE", id):
                self._store.forget(id)
                return _json({"id": id, "object": "response", "deleted": True})
            case ("POST", id, "cancel"):
                return self._cancel(id)
            case ("GET", id, "input_items"):
                return _json(_listed(self._store.find(id).asked, request))
            case _:
                raise refusal(f"Invalid URL ({request.method} {request.path})", status=404)

    def _create(self, request: Incoming, script: Script) -> Outgoing:
        # Besides the checked request its JSON: what is stored and repeated is what was sent.
        asked, given = read(ResponseRequest, request), request.json
        check(asked, given)
        items = _items(given)
        check_turns(items, self._store.before(asked.previous_response_id), self._store)
        reply = script.reply_to(request)
        if isinstance(reply, Failure):
            return failure_answer(reply, place="input")
        answer = Answer(asked, reply, given=given, ids=self._ids)
        stored = self._kept(answer, resolved(items, self._store))
        if asked.stream:
            return streamed(reply, events(answer))
        return whole(reply, lambda: stored.body)

    def _kept(self, answer: Answer, items: list[Item]) -> StoredResponse:
        asked = answer.request
        # Its stream will say that it failed.
        is_lost = asked.stream and answer.reply.failure_after is not None
        is_background = bool(asked.background) and not asked.stream
        # Also when it is not stored: its reasoning may come back sealed.
        self._store.give(answer.items)
        known = [{"id": self._ids.make("msg_"), **item} for item in items]
        stored = StoredResponse(answer.body(), asked=known, is_background=is_background)
        if asked.store is not False and not is_lost:
            self._store.keep(stored)
        return stored

    def _count(self, request: Incoming, script: Script) -> Outgoing:
        read(TokenCountRequest, request)
        outcome = script.outcome_of(request)
        if isinstance(outcome, Failure):
            return failure_answer(outcome, place="input")
        counted = (request.json.get(name) for name in ("input", "instructions", "tools"))
        count = sum(tokens(encoded(each).decode()) for each in counted if each is not None)
        body = {"object": "response.input_tokens", "input_tokens": count}
        return whole(outcome, lambda: body)

    def _retrieve(self, id: str, request: Incoming) -> Outgoing:
        stored = self._store.find(id)
        if request.query.get("stream", "false") != "false":
            # Rather than a whole response, which the client would read as a stream of nothing.
            raise refusal("This server does not stream a stored response again.", param="stream")
        stored.go_on()
        return _json(stored.body)

    def _cancel(self, id: str) -> Outgoing:
        stored = self._store.find(id)
        if not stored.is_background:
            raise refusal("Cannot cancel a synchronous response.")
        stored.cancel()
        return _json(stored.body)


def _items(given: Mapping[str, Any]) -> list[Item]:
    """The items of a request as they were sent; mere words are a message of the user."""
    said = given.get("input") or []
    if isinstance(said, str):
        part = {"type": "input_text", "text": said}
        return [{"type": "message", "role": "user", "content": [part]}]
    return list(said)


def _listed(items: Sequence[Item], request: Incoming) -> dict[str, Any]:
    """The items of an input, newest first unless asked otherwise, on one page."""
    shown = list(items) if request.query.get("order") == "asc" else list(reversed(items))
    ids = [item["id"] for item in shown] or [None]
    ends = {"first_id": ids[0], "last_id": ids[-1], "has_more": False}
    return {"object": "list", "data": shown, **ends}


def _json(body: Mapping[str, Any]) -> Outgoing:
    return Outgoing(body=encoded(body))
