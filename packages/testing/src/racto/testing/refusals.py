"""What a provider refuses, raised where it is found and answered at the provider's door."""

from __future__ import annotations

from racto.core.errors import RactoGatewayError

from .exchange import Outgoing


class Refusal(RactoGatewayError):  # noqa: N818 - an answer on its way
    """A request that the real API would refuse; no caller of a server ever sees it raised.

    Args:
        answer: What the client gets.

    Attributes:
        answer: What the client gets.
    """

    def __init__(self, answer: Outgoing) -> None:
        super().__init__("the request was refused", status_code=answer.status)
        self.answer = answer
