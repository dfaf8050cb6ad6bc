"""The models that the server lists; it answers for any other name as well."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from racto.testing.exchange import Outgoing

from .calls import Call
from .pages import page

PATH = "/v1/models"


class ModelsEndpoint:
    """Lists models.

    Args:
        models: Names of the models, newest first.
    """

    def __init__(self, models: Sequence[str]) -> None:
        self._models = [_shown(name) for name in models]

    def takes(self, path: str) -> bool:
        """Whether a path is one of this endpoint's."""
        return path == PATH or path.startswith(f"{PATH}/")

    def answer(self, call: Call) -> Outgoing:
        """The list, or one of it.

        Raises:
            Refusal: If there is no such model or page.
        """
        call.expect("GET")
        name = call.request.path.removeprefix(PATH).lstrip("/")
        if name:
            found = [model for model in self._models if model["id"] == name]
            if not found:
                raise call.refusal(f"model: {name}", status=404)
            return call.said(lambda: found[0])
        # All that it lists are alive.
        stages = call.request.query.get("lifecycle[]", "active")
        listed = page(self._models if stages == "active" else [], call.request.query)
        if isinstance(listed, str):
            raise call.refusal(listed)
        return call.said(lambda: listed)


def _shown(name: str) -> dict[str, Any]:
    return {
        "type": "model",
        "id": name,
        "display_name": name.replace("-", " ").title(),
        "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": "active",
        "max_input_tokens": 200_000,
        "max_tokens": 64_000,
    }
