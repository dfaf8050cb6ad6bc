"""Chat Completions: one reply to a conversation, whole or streamed."""

from __future__ import annotations

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import streamed, whole
from racto.testing.replies import Failure

from .chat_events import chunks
from .chat_rendering import Completion
from .chat_requests import ChatRequest
from .chat_rules import check
from .failures import failure_answer, only
from .ids import Ids
from .quirks import Quirks
from .validation import read


class ChatEndpoint:
    """``POST /v1/chat/completions``.

    Args:
        ids: Makes ids.
        quirks: Habits of the server.
    """

    def __init__(self, ids: Ids, quirks: Quirks) -> None:
        self._ids = ids
        self._quirks = quirks

    def takes(self, request: Incoming) -> bool:
        """Whether the request is for this part."""
        return request.path == "/v1/chat/completions"

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If the API would not take the request.
        """
        only("POST", request)
        asked = read(ChatRequest, request, any_field=self._quirks.any_field, classic=True)
        check(asked)
        # Only now: a refused request must not use up an answer that was meant for a good one.
        reply = script.reply_to(request)
        if isinstance(reply, Failure):
            return failure_answer(reply, place="messages")
        completion = Completion(request=asked, reply=reply, ids=self._ids, quirks=self._quirks)
        if asked.stream:
            return streamed(reply, chunks(completion))
        return whole(reply, completion.body)
