"""One call of Anthropic's API, from its headers to its answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import encoded, whole
from racto.testing.refusals import Refusal
from racto.testing.replies import Failure, Reply

from .failures import failure_answer, refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was let in.

    Attributes:
        request: The request.
        script: Says what the model answers.
        id: Id of the request.
        version: API version that was asked for.
    """

    request: Incoming
    script: Script
    id: str
    version: str

    @property
    def is_beta(self) -> bool:
        """Whether beta features were asked for."""
        return "anthropic-beta" in self.request.headers

    @property
    def headers(self) -> Mapping[str, str]:
        """What each answer has in its head."""
        return {"request-id": self.id}

    def data(self, limit: int) -> dict[str, Any]:
        """The body as a JSON object.

        Args:
            limit: Most bytes.

        Raises:
            Refusal: If it is too large, or no JSON object.
        """
        # Before it is parsed: that is what the limit is for.
        if len(self.request.body) > limit:
            raise self.refusal("Request exceeds the maximum allowed number of bytes.", status=413)
        try:
            data = json.loads(self.request.body)
        except (ValueError, RecursionError) as error:
            raise self.refusal(f"The request body is not valid JSON: {error}") from error
        if not isinstance(data, dict):
            raise self.refusal("The request body is not valid JSON: an object was expected")
        return data

    def expect(self, method: str) -> None:
        """Insist on a method.

        Raises:
            Refusal: If the request has another one.
        """
        if self.request.method != method:
            raise self.refusal("Method Not Allowed", status=405)

    def answer(self, body: Any) -> Outgoing:
        """A good answer."""
        return Outgoing(headers=self.headers, body=encoded(body))

    def whole(self, reply: Reply, render: Callable[[], Any]) -> Outgoing:
        """A reply's answer; ``render`` makes the body that the reply does not bring."""
        answer = whole(reply, render)
        return replace(answer, headers={**self.headers, **answer.headers})

    def said(self, render: Callable[[], Any]) -> Outgoing:
        """A good answer without words of the model, unless the script has a failure for it."""
        outcome = self.script.outcome_of(self.request)
        if isinstance(outcome, Failure):
            return failure_answer(outcome, request_id=self.id)
        return self.whole(outcome, render)

    def refusal(self, message: str, *, status: int = 400) -> Refusal:
        """A bad one, to be raised."""
        return refusal(message, request_id=self.id, status=status)
