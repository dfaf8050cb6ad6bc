"""What clients ask about a model or a server: the hub's page on it, its state and its health."""

from __future__ import annotations

import re

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import encoded, whole
from racto.testing.replies import Failure

from .failures import failure_answer

_MODEL = re.compile(r"/api/models/(?P<model>.+)")
_TAGS = ["feature-extraction", "sentence-similarity", "text-generation", "conversational"]


class HubEndpoint:
    """``GET /api/models/{id}``, ``/v1/models``, ``/info`` and ``/health``."""

    def takes(self, request: Incoming) -> bool:
        """Whether the request is for this part."""
        known = request.path in _ANSWERS or _MODEL.fullmatch(request.path) is not None
        return request.method == "GET" and known

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """The answer; a scripted failure stands for a model that is not there or not for you."""
        found = _MODEL.fullmatch(request.path)
        if found is None:
            return Outgoing(body=_ANSWERS[request.path])
        model = found.group("model")
        outcome = script.outcome_of(request)
        if isinstance(outcome, Failure):
            return _absent(outcome, model)
        embeds = "embed" in model.lower() or "sentence" in model.lower()
        shown = {
            "id": model,
            "modelId": model,
            "pipeline_tag": "feature-extraction" if embeds else "text-generation",
            "tags": _TAGS,
            "private": False,
            "downloads": 0,
            "likes": 0,
            "siblings": [],
        }
        return whole(outcome, lambda: shown)


def _absent(failure: Failure, model: str) -> Outgoing:
    answer = failure_answer(failure, model)
    # The client tells these two apart by this header alone, and not by the status.
    codes = {"not_found": "RepoNotFound", "forbidden": "GatedRepo"}
    if failure.kind in codes:
        headers = {"x-error-code": codes[failure.kind], **answer.headers}
        return Outgoing(
            status=answer.status, headers=headers, body=answer.body, conduct=answer.conduct
        )
    return answer


_ANSWERS = {
    "/health": b"",
    "/v1/models": encoded(
        {"object": "list", "data": [{"id": "tgi", "object": "model", "owned_by": "loopback"}]}
    ),
    "/info": encoded(
        {
            "model_id": "tgi",
            "model_pipeline_tag": "text-generation",
            "max_input_tokens": 4095,
            "max_total_tokens": 4096,
            "max_client_batch_size": 32,
            "version": "3.3.6",
        }
    ),
}
