"""The list of models: a few made-up names, since every name that a request gives is taken."""

from __future__ import annotations

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import whole
from racto.testing.replies import Failure

from .failures import failure_answer, only, refusal

_PATH = "/v1/models"
_MODELS = ("gpt-loopback", "gpt-loopback-mini", "text-embedding-loopback")
# A fixed day, so that the list is the same in every run.
_CREATED = 1_700_000_000


class ModelsEndpoint:
    """``GET /v1/models`` and ``GET /v1/models/{model}``."""

    def takes(self, request: Incoming) -> bool:
        """Whether the request is for this part."""
        return request.path == _PATH or request.path.startswith(f"{_PATH}/")

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If there is no such model.
        """
        only("GET", request)
        name = request.path.removeprefix(_PATH).removeprefix("/")
        if name and name not in _MODELS:
            raise refusal(
                f"The model '{name}' does not exist",
                param="model",
                code="model_not_found",
                status=404,
            )
        outcome = script.outcome_of(request)
        if isinstance(outcome, Failure):
            return failure_answer(outcome)
        listed = {"object": "list", "data": [_described(each) for each in _MODELS]}
        return whole(outcome, lambda: _described(name) if name else listed)


def _described(name: str) -> dict[str, object]:
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": "racto"}
