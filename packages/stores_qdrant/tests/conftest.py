"""A loopback server that speaks Qdrant's REST protocol, and stores that talk with it.

Bodies are validated by qdrant-client's own models and answered by its local mode, so the store's
requests travel over real HTTP, and the server can be told to fail.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from pydantic import TypeAdapter, ValidationError

from racto.core.retries import RetryPolicy
from racto.stores.qdrant import QdrantStore

Fault = Callable[["Handler"], bool]


class Loopback(ThreadingHTTPServer):
    """The server: what it was asked, and what it is to do next.

    Attributes:
        asked: Method and path of each request.
        keys: The key of each request.
        faults: Consumed one a request; each may answer by itself and returns whether it did.
    """

    daemon_threads = True
    # The default of five refuses callers who come together.
    request_queue_size = 64

    def __init__(self) -> None:
        from qdrant_client import QdrantClient

        super().__init__(("127.0.0.1", 0), Handler)
        self.engine: Any = QdrantClient(":memory:", force_disable_check_same_thread=True)
        self.turn = threading.Lock()
        self.asked: list[tuple[str, str]] = []
        self.indexed: dict[str, str] = {}
        self.keys: list[str | None] = []
        self.faults: list[Fault | None] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: callers who hang up are a part of the tests."""


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Loopback

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""

    def reply(self, status: int, body: Any, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def fail(self, status: int, reason: str) -> None:
        self.reply(status, {"status": {"error": reason}, "time": 0.0})

    def answer(self) -> None:
        data = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = urlsplit(self.path).path
        server = self.server
        server.asked.append((self.command, path))
        server.keys.append(self.headers.get("api-key"))
        fault = server.faults.pop(0) if server.faults else None
        if fault is not None and fault(self):
            return
        _, _, name, *rest = path.split("/")
        try:
            with server.turn:
                result = self.result(unquote(name), "/".join(rest), json.loads(data or b"{}"))
        except ValidationError as error:
            self.fail(422, str(error))
        except ValueError as error:
            missing = "not found" in str(error)
            self.fail(404 if missing else 400, str(error))
        else:
            self.reply(200, {"result": _plain(result), "status": "ok", "time": 0.0})

    do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - named by http.server

    def result(self, name: str, rest: str, body: Any) -> Any:
        from qdrant_client import models

        engine = self.server.engine
        if rest == "":
            return self.collection(name, body)
        if not engine.collection_exists(name):
            raise ValueError(f"Collection {name} not found")
        if rest == "index":
            field = models.CreateFieldIndex.model_validate(body)
            self.server.indexed[field.field_name] = body["field_schema"]
            return models.UpdateResult(status=models.UpdateStatus.COMPLETED)
        if (self.command, rest) == ("PUT", "points"):
            points = models.PointsList.model_validate(body).points
            return engine.upsert(name, points=points, wait=True)
        if rest == "points/delete":
            selector: Any = TypeAdapter(models.PointsSelector).validate_python(body)
            return engine.delete(name, points_selector=selector)
        if rest == "points/query/batch":
            return engine.query_batch_points(
                name, requests=models.QueryRequestBatch.model_validate(body).searches
            )
        if rest == "points/query":
            asked = models.QueryRequest.model_validate(body)
            return engine.query_batch_points(name, requests=[asked])[0]
        return self.read(name, rest, body)

    def read(self, name: str, rest: str, body: Any) -> Any:
        from qdrant_client import models

        engine = self.server.engine
        if rest == "points":
            ids = models.PointRequest.model_validate(body)
            return engine.retrieve(
                name, ids=ids.ids, with_payload=ids.with_payload, with_vectors=ids.with_vector
            )
        if rest == "points/count":
            counted = models.CountRequest.model_validate(body)
            return engine.count(name, count_filter=counted.filter, exact=counted.exact)
        assert rest == "points/scroll", rest
        page = models.ScrollRequest.model_validate(body)
        points, place = engine.scroll(
            name,
            scroll_filter=page.filter,
            limit=page.limit,
            offset=page.offset,
            with_payload=page.with_payload,
            with_vectors=page.with_vector,
        )
        return models.ScrollResult(points=points, next_page_offset=place)

    def collection(self, name: str, body: Any) -> Any:
        from qdrant_client import models

        engine = self.server.engine
        if self.command == "PUT":
            made = models.CreateCollection.model_validate(body)
            return engine.create_collection(
                name,
                vectors_config=made.vectors,
                sparse_vectors_config=made.sparse_vectors,
                hnsw_config=made.hnsw_config,
                quantization_config=made.quantization_config,
            )
        if self.command == "DELETE":
            return engine.delete_collection(name)
        return engine.get_collection(name)


def _plain(result: Any) -> Any:
    if isinstance(result, list):
        return [_plain(item) for item in result]
    return result.model_dump(mode="json") if hasattr(result, "model_dump") else result


def status(code: int, reason: str = "asked to fail", **headers: str) -> Fault:
    """A fault: an error in Qdrant's form."""

    def fault(handler: Handler) -> bool:
        body = {"status": {"error": reason}, "time": 0.0}
        handler.reply(code, body, **headers)
        return True

    return fault


def hang_up(handler: Handler) -> bool:
    """A fault: the connection breaks without an answer."""
    handler.close_connection = True
    handler.connection.close()
    return True


def stall(handler: Handler) -> bool:
    """A fault: no answer until the test ends."""
    handler.server.released.wait(20)
    return True


def lose_answer(handler: Handler) -> bool:
    """A fault: the request is done and the connection breaks before the answer."""

    def broken(*_: Any, **__: Any) -> None:
        handler.close_connection = True
        handler.connection.close()

    handler.reply = broken  # type: ignore[method-assign]
    return False


def half_answer(handler: Handler) -> bool:
    """A fault: the connection breaks while the answer is sent."""

    def broken(status: int, body: Any, **_: str) -> None:
        data = json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[: len(data) // 2])
        handler.wfile.flush()
        handler.close_connection = True
        handler.connection.close()

    handler.reply = broken  # type: ignore[method-assign]
    return False


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A running server, empty."""
    server = Loopback()
    # Polled often, because each test waits once for the loop to notice its end.
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def remote(loopback: Loopback) -> Iterator[QdrantStore]:
    """A store that talks with the server, and waits hardly at all before it tries again."""
    store = QdrantStore(
        "notes", url=loopback.url, timeout=1, batch_size=4, retry=RetryPolicy(base=0.001)
    )
    yield store
    store.close()


@pytest.fixture
def faults() -> Any:
    """The faults that a server can be told to have."""
    from types import SimpleNamespace

    return SimpleNamespace(
        status=status, hang_up=hang_up, stall=stall, lose_answer=lose_answer,
        half_answer=half_answer,
    )  # fmt: skip
