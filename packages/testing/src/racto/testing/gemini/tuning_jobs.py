"""One tuning: of a tuned model of the Developer API, or a tuning job of Vertex AI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .moments import moment

_TYPE = "type.googleapis.com/google.ai.generativelanguage.v1beta."


class Tuning:
    """One tuning; a tuned model is created and then active, a job is pending, runs and succeeds.

    Args:
        id: Its name.
        info: What the client asked for.
        vertex: Whether it is a job of Vertex AI.

    Attributes:
        id: Its name, for example ``tunedModels/tuned-1``.
        vertex: Whether it is a job of Vertex AI.
        state: The state on the wire.
    """

    def __init__(self, id: str, info: Mapping[str, Any], *, vertex: bool) -> None:
        self.id = id
        self.vertex = vertex
        self.state = "JOB_STATE_PENDING" if vertex else "CREATING"
        self._info = info
        self._created = self._updated = moment()

    def step(self) -> None:
        """Go on to the next state."""
        # A tuned model is created at once; a job also waits for a machine.
        following = {
            "CREATING": "ACTIVE",
            "JOB_STATE_PENDING": "JOB_STATE_RUNNING",
            "JOB_STATE_RUNNING": "JOB_STATE_SUCCEEDED",
        }
        if self.state in following:
            self.enter(following[self.state])

    def enter(self, state: str) -> None:
        """Go to a state at once.

        Args:
            state: The state, as it is on the wire.
        """
        self.state, self._updated = state, moment()

    def cancel(self) -> None:
        """End it; the Developer API knows no cancelled model, only one that failed."""
        self.enter("JOB_STATE_CANCELLED" if self.vertex else "FAILED")

    def shown(self) -> dict[str, Any]:
        """The tuning as the API shows it."""
        told: dict[str, Any] = {
            **self._info,
            "name": self.id,
            "state": self.state,
            "createTime": self._created,
            "updateTime": self._updated,
        }
        return {**told, **(self._job_fields() if self.vertex else self._model_fields())}

    def operation(self, name: str) -> dict[str, Any]:
        """The operation that makes a tuned model.

        Args:
            name: Its own part of the operation's name.
        """
        kind = {"@type": f"{_TYPE}CreateTunedModelMetadata", "tunedModel": self.id}
        told: dict[str, Any] = {"name": f"{self.id}/operations/{name}", "metadata": kind}
        if self.state == "ACTIVE":
            told |= {"done": True, "response": {"@type": f"{_TYPE}TunedModel", **self.shown()}}
        if self.state == "FAILED":
            told |= {"done": True, "error": {"code": 13, "message": "The tuning failed."}}
        return told

    def _model_fields(self) -> dict[str, Any]:
        task = {**self._info.get("tuningTask", {}), "startTime": self._created}
        if self.state in ("ACTIVE", "FAILED"):
            task["completeTime"] = self._updated
        return {"tuningTask": task}

    def _job_fields(self) -> dict[str, Any]:
        if self.state == "JOB_STATE_FAILED":
            return {"error": {"code": 13, "message": "The tuning job failed."}}
        if self.state != "JOB_STATE_SUCCEEDED":
            return {}
        parent, _, number = self.id.rpartition("tuningJobs/")
        model, endpoint = f"{parent}models/{number}@1", f"{parent}endpoints/{number}"
        return {"tunedModel": {"model": model, "endpoint": endpoint}, "endTime": self._updated}
