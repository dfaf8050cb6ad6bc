"""The control plane: indexes are made, described, listed and deleted."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from racto.testing.exchange import Incoming

from .failures import refusal
from .namespaces import Namespace
from .requests import CreateIndexRequest, read

DEFAULT_NAMESPACE = "__default__"
"""What statistics call the namespace without a name."""


class Index:
    """One index and the namespaces that were written to.

    Args:
        name: Its name.
        dimension: Length of its vectors.
        metric: How they are compared.
        lag: Seconds after which reads see a write.
        described: What else a description tells.
    """

    def __init__(
        self, name: str, *, dimension: int, metric: str, lag: float, described: dict[str, Any]
    ) -> None:
        self.name, self.dimension, self.metric = name, dimension, metric
        self.described = described
        self.namespaces: dict[str, Namespace] = {}
        self._lag = lag
        self._writes = 0

    def written(self, namespace: str) -> tuple[Namespace, int]:
        """A namespace to write to, made where there is none, and the number of the write."""
        self._writes += 1
        name = namespace or DEFAULT_NAMESPACE
        return self.namespaces.setdefault(name, Namespace(self._lag)), self._writes

    def found(self, namespace: str) -> Namespace | None:
        """A namespace to read from; None where nothing was ever written."""
        return self.namespaces.get(namespace or DEFAULT_NAMESPACE)

    def told(self, host: str) -> dict[str, Any]:
        """The description of the index.

        Args:
            host: Address of the control plane.
        """
        vectors = {"type": "dense_vector", "dimension": self.dimension, "metric": self.metric}
        return {
            "name": self.name,
            "host": f"{host}/data/{self.name}",
            "status": {"ready": True, "state": "Ready"},
            "schema": {"fields": {"_values": vectors}},
            **self.described,
        }


class Indexes:
    """All indexes of a project.

    Args:
        lag: Seconds after which reads see a write.
    """

    def __init__(self, lag: float) -> None:
        self._lag = lag
        self._known: dict[str, Index] = {}

    def add(self, name: str, *, dimension: int, metric: str, **described: Any) -> Index:
        """Make an index.

        Args:
            name: Its name.
            dimension: Length of its vectors.
            metric: How they are compared.
            **described: What else a description tells.

        Raises:
            Refusal: If there is one of this name.
        """
        if name in self._known:
            words = f"Resource already exists: index {name}"
            raise refusal(words, status=HTTPStatus.CONFLICT, control=True)
        described.setdefault("deployment", None)
        if described["deployment"] is None:
            described["deployment"] = {
                "deployment_type": "managed",
                "cloud": "aws",
                "region": "us-east-1",
                "environment": "aped-0000-0000",
            }
        described.setdefault("deletion_protection", "disabled")
        index = Index(name, dimension=dimension, metric=metric, lag=self._lag, described=described)
        self._known[name] = index
        return index

    def named(self, name: str, *, control: bool = True) -> Index:
        """The index of a name.

        Raises:
            Refusal: If there is none.
        """
        if name not in self._known:
            words = f"Resource {name} not found"
            raise refusal(words, status=HTTPStatus.NOT_FOUND, control=control)
        return self._known[name]

    def answer(self, request: Incoming, name: str) -> tuple[int, Any]:
        """The status and body of the answer to a request to the control plane.

        Args:
            request: The request.
            name: Name of an index; empty when the request is about all of them.

        Raises:
            Refusal: If the API would not take the request.
        """
        host = f"http://{request.headers.get('host', '')}"
        if request.method == "GET":
            if name:
                return HTTPStatus.OK, self.named(name).told(host)
            told = [index.told(host) for index in self._known.values()]
            return HTTPStatus.OK, {"indexes": told}
        if request.method == "POST" and not name:
            return HTTPStatus.CREATED, self._created(request).told(host)
        if request.method == "DELETE" and name:
            self._delete(name)
            return HTTPStatus.ACCEPTED, {}
        raise refusal("Method Not Allowed", status=HTTPStatus.METHOD_NOT_ALLOWED, control=True)

    def _created(self, request: Incoming) -> Index:
        wanted = read(CreateIndexRequest, request, control=True)
        ((_, field),) = wanted.schema_.fields.items()
        return self.add(
            wanted.name,
            dimension=field.dimension,
            metric=field.metric,
            deployment=wanted.deployment,
            deletion_protection=wanted.deletion_protection,
        )

    def _delete(self, name: str) -> None:
        if self.named(name).described["deletion_protection"] == "enabled":
            words = f"Deletion protection is enabled for index {name}"
            raise refusal(words, status=HTTPStatus.FORBIDDEN, control=True)
        del self._known[name]
