"""The endpoints that talk to the model: messages, whole and streamed, and the count of tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count
from typing import Any, TypeVar

from racto.testing.exchange import Incoming, Outgoing
from racto.testing.payloads import encoded, streamed, whole
from racto.testing.replies import Failure, Reply

from . import conversations, thinking
from .calls import Call
from .conversations import OLD_VERSION
from .counting import count_tokens
from .events import event, events
from .failures import body_of, error_body, failure_answer
from .reading import Objection, read
from .rendering import Told, message
from .requests import BETA_FIELDS, LARGEST_BODY, CountRequest, MessageRequest, OldMessageRequest

RequestT = TypeVar("RequestT", CountRequest, MessageRequest)

PATH = "/v1/messages"
COUNT_PATH = "/v1/messages/count_tokens"


class MessagesEndpoint:
    """Answers as the model."""

    def __init__(self) -> None:
        self._seals = thinking.Seals()
        self._ids = count(1)

    def takes(self, path: str) -> bool:
        """Whether a path is one of this endpoint's."""
        return path in (PATH, COUNT_PATH)

    def answer(self, call: Call) -> Outgoing:
        """The message that the script gives, or the count.

        Raises:
            Refusal: If the real API would refuse the request.
        """
        call.expect("POST")
        data = call.data(LARGEST_BODY)
        if call.request.path == COUNT_PATH:
            counted = self._read(CountRequest, data, call)
            if isinstance(counted, str):
                raise call.refusal(counted)
            return call.said(lambda: {"input_tokens": count_tokens(data)})
        asked = self._read(_model(call), data, call)
        if isinstance(asked, str):
            raise call.refusal(asked)
        return self._said(asked, call)

    def item(self, call: Call, params: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer one request of a batch.

        Args:
            call: The call that made the batch.
            params: Its body.

        Returns:
            The status and the message, or the error.
        """
        id = f"req_batch_{next(self._ids):018d}"
        asked = self._read(_model(call), params, call)
        if not isinstance(asked, str) and asked.stream:
            asked = "stream: Streaming is not supported in a batch"
        if isinstance(asked, str):
            return 400, body_of(400, asked, request_id=id)
        # Rules see an item as the request that it would be by itself.
        reply = call.script.reply_to(Incoming(method="POST", path=PATH, body=encoded(params)))
        if isinstance(reply, Failure):
            return 500, error_body(reply, request_id=id)
        told = self._told(reply, asked, tier="batch")
        try:
            return 200, json.loads(whole(reply, lambda: message(told)).body)
        except ValueError:
            # Bytes of the test's own that are no JSON have no place in a line of results.
            return 500, body_of(500, "Internal server error", request_id=id)

    def _said(self, asked: MessageRequest, call: Call) -> Outgoing:
        reply = call.script.reply_to(call.request)
        if isinstance(reply, Failure):
            return failure_answer(reply, request_id=call.id)
        told = self._told(reply, asked)
        if asked.stream:
            headers = {**call.headers, "content-type": "text/event-stream; charset=utf-8"}
            said = events(told, request_id=call.id)
            return streamed(reply, said, pack=event, headers=headers)
        return call.whole(reply, lambda: message(told))

    def _told(self, reply: Reply, asked: MessageRequest, *, tier: str = "standard") -> Told:
        id = f"msg_{next(self._ids):024d}"
        return Told(reply=reply, request=asked, message_id=id, seals=self._seals, tier=tier)

    def _read(
        self, model: type[RequestT], data: Mapping[str, Any], call: Call
    ) -> RequestT | Objection:
        # What a beta feature brings changes by the month; it is let through unseen.
        unseen = BETA_FIELDS if call.is_beta else frozenset()
        seen = {name: value for name, value in data.items() if name not in unseen}
        request = read(model, seen, is_beta=call.is_beta)
        if isinstance(request, str):
            return request
        if unknown := request.model_extra:
            return f"{next(iter(unknown))}: Extra inputs are not permitted"
        found = next(conversations.objections(request, call.version), None)
        if found is None and isinstance(request, MessageRequest):
            found = next(thinking.objections(request), None)
        if found is None:
            found = next(thinking.replayed(request.messages, self._seals), None)
        return request if found is None else found


def _model(call: Call) -> type[MessageRequest]:
    return OldMessageRequest if call.version == OLD_VERSION else MessageRequest
