"""The face of Weaviate's protocol: a server of REST and gRPC to hand to its client."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from racto.testing.exchange import Incoming
from racto.testing.listeners import ADDRESS
from racto.testing.replies import Failure
from racto.testing.server import LoopbackServer

from . import calls
from .messages import loaded
from .provider import WeaviateProtocol
from .refusals import STATUSES, Refused

_LARGEST_MESSAGE = 104_858_000
_SERVICE = "/weaviate.v1.Weaviate/"


class WeaviateServer(LoopbackServer):
    """Speaks Weaviate's API: ``url`` for REST, ``grpc_port`` for gRPC.

    Failures that are queued meet calls of either kind; ``requests`` holds those of gRPC too, with
    ``GRPC`` as their method.

    Args:
        key: The API key that clients must send; None takes any, and none.
        port: Port of the REST API; 0 takes a free one.

    Raises:
        MissingExtraError: If Weaviate's client, whose messages it uses, is not installed.
    """

    def __init__(self, *, key: str | None = None, port: int = 0) -> None:
        self._protocol = WeaviateProtocol(key=key)
        self._grpc, self.grpc_port = _started(self._serve)
        super().__init__(self._protocol, key=key, port=port)

    def close(self) -> None:
        """End both servers; calling it twice does no harm."""
        self._grpc.stop(grace=None).wait(self.closing_limit)
        super().close()

    def _serve(self, name: str, request: Any, context: Any) -> Any:
        """Answer one call of gRPC."""
        grpc = loaded().grpc
        incoming = Incoming(
            method="GRPC", path=f"{_SERVICE}{name}", body=request.SerializeToString()
        )
        sent = dict(context.invocation_metadata()).get("authorization")
        if not self._protocol.authorize(sent):
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "unauthorized: invalid api key")
        with self._lock:
            self._received += 1
            self._requests.append(incoming)
            outcome = self._script.outcome_of(incoming)
        time.sleep(outcome.conduct.delay)
        if isinstance(outcome, Failure):
            _, code, words = STATUSES[outcome.kind]
            context.abort(getattr(grpc.StatusCode, code), outcome.message or words)
        try:
            with self._lock:
                return _CALLS[name](request, self._protocol.classes)
        except Refused as refused:
            context.abort(grpc.StatusCode.UNKNOWN, refused.message)


_CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "BatchObjects": calls.batch_objects,
    "Search": calls.search,
    "BatchDelete": calls.delete,
    "Aggregate": calls.aggregate,
}


def _started(serve: Callable[[str, Any, Any], Any]) -> tuple[Any, int]:
    known = loaded()
    grpc, health = known.grpc, known.health
    readers: dict[str, Any] = {
        "BatchObjects": known.batch.BatchObjectsRequest,
        "Search": known.search.SearchRequest,
        "BatchDelete": known.delete.BatchDeleteRequest,
        "Aggregate": known.aggregate.AggregateRequest,
    }
    handlers = {
        name: _handler(grpc, reader, lambda request, context, n=name: serve(n, request, context))
        for name, reader in readers.items()
    }

    def check(_request: Any, _context: Any) -> Any:
        serving = health.WeaviateHealthCheckResponse.ServingStatus.SERVING
        return health.WeaviateHealthCheckResponse(status=serving)

    alive = {"Check": _handler(grpc, health.WeaviateHealthCheckRequest, check)}
    sizes = [("grpc.max_receive_message_length", _LARGEST_MESSAGE),
             ("grpc.max_send_message_length", _LARGEST_MESSAGE)]  # fmt: skip
    server = grpc.server(ThreadPoolExecutor(max_workers=8), options=sizes)
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler("weaviate.v1.Weaviate", handlers),
            grpc.method_handlers_generic_handler("grpc.health.v1.Health", alive),
        )
    )
    port = server.add_insecure_port(f"{ADDRESS}:0")
    server.start()
    return server, port


def _handler(grpc: Any, reader: Any, answer: Callable[..., Any]) -> Any:
    return grpc.unary_unary_rpc_method_handler(
        answer,
        request_deserializer=reader.FromString,
        response_serializer=lambda reply: reply.SerializeToString(),
    )
