"""Tuned models of the Developer API, and the tuning jobs of Vertex AI."""

from __future__ import annotations

from http import HTTPStatus
from itertools import count
from typing import Any

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.jobs import Jobs
from racto.testing.payloads import encoded

from .failures import failure_answer, refusal
from .requests import read
from .routes import Route
from .shelves import paged
from .tuning_jobs import Tuning
from .tuning_requests import JOB, SPECS, TUNED_MODEL

_ACTIONS = ("create", "list", "get", "delete", "cancel")


class TuningEndpoint(Jobs[Tuning]):
    """The tunings of a server; each poll of one moves it on by a state."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count(1)

    def enter(self, state: str, *, id: str | None = None) -> None:
        """Bring tunings to a state, such as ``FAILED`` or ``JOB_STATE_FAILED``.

        Args:
            state: The state, as it is on the wire.
            id: Name of the tuning; all of them when None.

        Raises:
            LookupError: If there is no such tuning.
        """
        with self._lock:
            for tuning in self._meant(id):
                tuning.enter(state)

    def takes(self, route: Route, request: Incoming) -> bool:
        """Whether the request is about tunings."""
        is_known = route.collection in ("tunedModels", "tuningJobs")
        return is_known and route.action(request.method) in _ACTIONS

    def answer(self, route: Route, request: Incoming, script: Script) -> Outgoing:
        """The answer.

        Raises:
            Refusal: If the real API would refuse the request.
        """
        with self._lock:
            return self._interrupted(
                lambda: Outgoing(body=encoded(self._answer(route, request))), failure_answer
            )

    def _answer(self, route: Route, request: Incoming) -> dict[str, Any]:
        action = route.action(request.method)
        if action == "create":
            return self._begin_job(route, request) if route.vertex else self._begin(request)
        if action == "list":
            tunings = [each for each in self._newest_first() if each.vertex is route.vertex]
            return paged(tunings, request.query, route.collection, Tuning.shown)
        # The client waits for a tuned model by the operation that makes it.
        name, _, operation = (route.parent + route.name).partition("/operations/")
        tuning = self._known(name)
        if action == "cancel":
            tuning.cancel()
            return {}
        if action == "delete":
            self._remove(tuning)
            return {}
        self._poll(tuning)
        return tuning.operation(operation) if operation else tuning.shown()

    def _begin(self, request: Incoming) -> dict[str, Any]:
        asked = read(TUNED_MODEL, request)
        if not asked.get("baseModel"):
            raise refusal("* CreateTunedModelRequest.tuned_model.base_model: must be specified\n")
        number = next(self._numbers)
        name = f"tunedModels/{request.query.get('tunedModelId', f'tuned-{number}')}"
        if name in self._jobs:
            raise refusal("Requested entity already exists", status=HTTPStatus.CONFLICT)
        tuning = Tuning(name, asked, vertex=False)
        self._add(tuning)
        return tuning.operation(f"operation-{number}")

    def _begin_job(self, route: Route, request: Incoming) -> dict[str, Any]:
        asked = read(JOB, request, vertex=True)
        if not asked.keys() & {"baseModel", "preTunedModel", "customBaseModel"}:
            raise refusal("One of base_model, pre_tuned_model and custom_base_model is required.")
        spec = next((asked[name] for name in SPECS if name in asked), None)
        if spec is None:
            raise refusal("The tuning spec is required.")
        # A distillation may have prompts alone: its teacher writes the answers.
        data = spec.get("trainingDatasetUri") or spec.get("promptDatasetUri", "")
        if not data.startswith("gs://"):
            raise refusal(f"Invalid Cloud Storage URI: {data}")
        name = f"{route.parent}tuningJobs/{next(self._numbers)}"
        tuning = Tuning(name, asked, vertex=True)
        self._add(tuning)
        return tuning.shown()

    def _known(self, name: str) -> Tuning:
        if name not in self._jobs:
            raise refusal(f"Tuned model {name} does not exist.", status=HTTPStatus.NOT_FOUND)
        return self._jobs[name]
