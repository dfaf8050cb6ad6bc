"""The list of models: every model that is asked for is there, and tuned ones can be deleted."""

from __future__ import annotations

from typing import Any

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import encoded

from .routes import Route
from .shelves import paged

_LISTED = ("gemini-loopback", "gemini-embedding-loopback")
_WORDS = ["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"]
_VECTORS = ["embedContent", "countTextTokens", "countTokens", "asyncBatchEmbedContent"]


class ModelsEndpoint:
    """Shows and lists models, and deletes those of a project of Vertex AI."""

    def takes(self, route: Route, request: Incoming) -> bool:
        """Whether the request is about models."""
        # Only what was tuned in a project is anybody's to delete.
        actions = ("get", "list", "delete") if route.vertex and route.parent else ("get", "list")
        return route.collection == "models" and route.action(request.method) in actions

    def answer(self, route: Route, request: Incoming, script: Script) -> Outgoing:
        """The answer."""
        if request.method == "DELETE":
            operation = f"{route.parent}operations/1"
            return Outgoing(body=encoded({"name": operation, "done": True, "response": {}}))
        if route.name:
            return Outgoing(body=encoded(_shown(route.id, route)))
        field = "publisherModels" if route.vertex else "models"
        page = paged(_LISTED, request.query, field, lambda name: _shown(name, route))
        return Outgoing(body=encoded(page))


def _shown(name: str, route: Route) -> dict[str, Any]:
    if route.vertex:
        return {"name": f"publishers/google/models/{name}", "versionId": "001"}
    embeds = "embedding" in name
    return {
        "name": f"models/{name}",
        "version": "001",
        "displayName": name,
        "description": "A model of a loopback server.",
        "inputTokenLimit": 2048 if embeds else 1_048_576,
        "outputTokenLimit": 1 if embeds else 65_536,
        "supportedGenerationMethods": _VECTORS if embeds else _WORDS,
        "temperature": 1,
        "topP": 0.95,
        "topK": 64,
        "maxTemperature": 2,
    }
