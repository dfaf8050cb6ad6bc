"""The face of Pinecone's protocol: a server to hand to its client."""

from __future__ import annotations

from racto.testing.server import LoopbackServer

from .provider import PineconeProtocol


class PineconeServer(LoopbackServer):
    """Speaks Pinecone's API of 2026-07: indexes, and dense vectors in their namespaces.

    ``url`` is the address of the control plane; each index has an address of its own below it,
    which the control plane tells and :meth:`host_of` too.

    Args:
        key: The API key that clients must send; None takes any, and none.
        port: Port to listen on; 0 takes a free one.
        lag: Seconds after which reads see a write: 0 is the service on a good day.
    """

    def __init__(self, *, key: str | None = "test-key", port: int = 0, lag: float = 0.0) -> None:
        self._protocol = PineconeProtocol(key=key, lag=lag)
        super().__init__(self._protocol, key=key, port=port)

    def create_index(self, name: str, *, dimension: int, metric: str = "cosine") -> str:
        """Make an index, as a request to the control plane would.

        Args:
            name: Its name, in lower case letters, digits and hyphens.
            dimension: Length of its vectors.
            metric: ``cosine``, ``euclidean`` or ``dotproduct``.

        Returns:
            Its address.
        """
        self._protocol.indexes.add(name, dimension=dimension, metric=metric)
        return self.host_of(name)

    def host_of(self, name: str) -> str:
        """The address of an index, for a client's ``host``.

        Args:
            name: Name of the index.
        """
        return f"{self.url}/data/{name}"
