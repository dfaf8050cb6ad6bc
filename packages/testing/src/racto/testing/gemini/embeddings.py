"""The methods that give vectors: one content, many of them, and Vertex AI's ``predict``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import whole
from racto.testing.replies import Failure
from racto.testing.vectors import tokens, vector

from .failures import failure_answer, refusal
from .messages import Message, Repeated
from .protojson import FLAG, INT32, TEXT
from .requests import BATCH_EMBED, EMBED, TASK, read
from .routes import Route
from .rules import check_fields
from .turns import part_faults

_DIMENSIONS = 3072
_MOST = 100
_INSTANCE = Message(
    "Instance", {"content": TEXT, "taskType": TASK, "title": TEXT, "mimeType": TEXT}
)
_PARAMETERS = Message("Parameters", {"outputDimensionality": INT32, "autoTruncate": FLAG})
_PREDICT = Message("PredictRequest", {"instances": Repeated(_INSTANCE), "parameters": _PARAMETERS})


class EmbeddingEndpoint:
    """Answers requests for vectors; a reply's ``body`` replaces what it would say."""

    def takes(self, route: Route, request: Incoming) -> bool:
        """Whether the request is for vectors."""
        return route.collection == "models" and route.action(request.method) in self._methods

    def answer(self, route: Route, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If the real API would refuse the request.
        """
        render = self._methods[route.method](self, route, request)
        answer = script.outcome_of(request)
        if isinstance(answer, Failure):
            return failure_answer(answer, route.id)
        return whole(answer, render)

    def _one(self, route: Route, request: Incoming) -> Callable[[], Any]:
        asked = read(EMBED, request, vertex=route.vertex)
        check_fields("EmbedContentRequest", embedding_faults(asked, "", route.name))
        count = tokens(_text(asked))
        used = {"promptTokenCount": count, "totalTokenCount": count}
        return lambda: {"embedding": embedding(asked), "usageMetadata": used}

    def _many(self, route: Route, request: Incoming) -> Callable[[], Any]:
        asked = read(BATCH_EMBED, request, vertex=route.vertex).get("requests", [])
        faults = [] if asked else ["requests: requests is not specified"]
        for number, each in enumerate(asked):
            faults += embedding_faults(
                each, f"requests[{number}].", route.name, needs_model=not route.vertex
            )
        check_fields("BatchEmbedContentsRequest", faults)
        if len(asked) > _MOST:
            raise refusal(
                "* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch\n"
            )
        return lambda: {"embeddings": [embedding(each) for each in asked]}

    def _predict(self, route: Route, request: Incoming) -> Callable[[], Any]:
        asked = read(_PREDICT, request, vertex=True)
        instances = asked.get("instances", [])
        if not instances:
            raise refusal("Empty instances.")
        size = asked.get("parameters", {}).get("outputDimensionality", _DIMENSIONS)
        if not 1 <= size <= _DIMENSIONS:
            raise refusal(f"outputDimensionality must be in the range [1, {_DIMENSIONS}].")
        if any(not each.get("content") for each in instances):
            raise refusal("The text content is empty.")
        return lambda: {"predictions": [_prediction(each["content"], size) for each in instances]}

    _methods: Mapping[str, Callable[..., Callable[[], Any]]] = {
        "embedContent": _one,
        "batchEmbedContents": _many,
        "predict": _predict,
    }


def embedding_faults(
    asked: Mapping[str, Any], at: str, model: str, *, needs_model: bool = False
) -> list[str]:
    """What is wrong with one content to embed, in Google's words.

    Args:
        asked: The request, as it was read.
        at: Its place, with a dot at its end; empty when it is the whole request.
        model: The model of the path.
        needs_model: Whether the request must name the model again.
    """
    faults = []
    if needs_model and asked.get("model") != model:
        told = (
            "unexpected model name format"
            if "model" not in asked
            else "must match the model of the path"
        )
        faults.append(f"{at}model: {told}")
    if "content" not in asked:
        return [*faults, f"{at}content: content is not specified"]
    faults += part_faults(asked["content"], f"{at}content")
    settings = _settings(asked)
    if not 1 <= settings.get("outputDimensionality", _DIMENSIONS) <= _DIMENSIONS:
        faults.append(f"{at}output_dimensionality: must be in the range [1, {_DIMENSIONS}]")
    task = settings.get("taskType", "RETRIEVAL_DOCUMENT")
    if "title" in settings and task != "RETRIEVAL_DOCUMENT":
        faults.append(f"{at}title: only allowed when task_type is RETRIEVAL_DOCUMENT")
    return faults


def embedding(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The vector of one content.

    Args:
        asked: The request, as it was read.
    """
    size = _settings(asked).get("outputDimensionality", _DIMENSIONS)
    return {"values": vector(_text(asked), size)}


def _settings(asked: Mapping[str, Any]) -> Mapping[str, Any]:
    # Vertex AI takes the settings in an object, the Developer API beside the content.
    return {**asked.get("embedContentConfig", {}), **asked}


def _text(asked: Mapping[str, Any]) -> str:
    parts = asked["content"]["parts"]
    return "\n".join(part["text"] if "text" in part else repr(part) for part in parts)


def _prediction(text: str, size: int) -> dict[str, Any]:
    statistics = {"token_count": tokens(text), "truncated": False}
    return {"embeddings": {"values": vector(text, size), "statistics": statistics}}
