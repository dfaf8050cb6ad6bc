"""The server over real sockets: shapes, refusals, limits, callers who hang up, and the end."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from racto.retrieval.server import BatchQueryProcessor
from racto.retrieval.server.http import KeyRing, ServerSettings, Services

from .halls import Gated, Hall, registry_of, until

JSON = "application/json"


# With the extra `fast` and without it.
@pytest.fixture(scope="module", params=["httptools", "h11"])
def hall(request: pytest.FixtureRequest) -> Iterator[Hall]:
    settings = ServerSettings(
        max_body_bytes=2000, max_requests=3, cors=("https://a.example",), body_timeout_s=0.3
    )
    with Hall(settings, protocol=request.param) as made:
        yield made


@pytest.mark.parametrize("path", ["/search", "/query"])
def test_a_search_has_the_shape_of_the_contract(hall: Hall, path: str) -> None:
    query = 'grüner "Tee" \n 茶'
    status, told = hall.post(path, {"service": "s", "query": query, "limit": 2})
    assert status == 200
    assert told["query"] == query
    assert list(told["scores"].items()) == [("d2", 3.0), ("d1", 2.0)]
    assert told["service"] == "s"
    assert told["processed"] is True
    assert told["cached"] is False
    assert isinstance(told["timestamp"], float)


def test_scores_stand_in_the_order_of_the_passages(hall: Hall) -> None:
    body = {"service": "s", "query": "q", "passages": ["ccc", "a", "bb"]}
    status, told = hall.post("/score", body)
    assert (status, told["scores"], told["meta"]) == (200, [3.0, 1.0, 2.0], {"n_passages": 3})


def test_fusing_and_splitting_are_served(hall: Hall) -> None:
    rankings = [{"a": 1.0, "b": 0.5}, {"b": 1.0}]
    status, told = hall.post(
        "/fuse", {"service": "RRF", "query": "q", "scores": rankings, "rrf_k": 60}
    )
    assert (status, list(told["scores"]), told["service"]) == (200, ["b", "a"], "RRF")
    status, told = hall.post("/decompose_query", {"service": "s", "query": "q"})
    assert (status, told["queries"]) == (200, ["q A", "q B"])


def test_a_pipeline_keeps_scores_with_their_documents(hall: Hall) -> None:
    body = {"pipeline": "s%3 >> s", "query": "q", "collection": "shelf", "explain": True}
    status, told = hall.post("/pipeline", body)
    assert status == 200
    # Lengths of the very texts of these documents, though ids and ranks are in no such order.
    assert list(told["scores"].items()) == [("d2", 9.0), ("d0", 6.0), ("d1", 3.0)]
    assert [stage["role"] for stage in told["explain"]] == ["search", "score"]


def test_documents_are_read_by_id(hall: Hall) -> None:
    status, told = hall.post("/content", {"collection": "shelf", "id": "d1"})
    assert status == 200
    assert (told["text"], told["id"], told["collection"]) == ("tea", "d1", "shelf")
    assert hall.post("/content", {"collection": "shelf", "id": "none"})[0] == 404
    assert hall.post("/content", {"collection": "shelf", "id": "blob"})[0] == 400
    assert hall.post("/content", {"collection": "nowhere", "id": "d1"})[0] == 400


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        ("/search", {"query": "q"}, "service"),
        ("/search", {"service": "s"}, "query"),
        ("/search", {"service": 5, "query": "q"}, "service"),
        ("/search", {"service": "none", "query": "q"}, "no service 'none'"),
        ("/search", {"service": "s", "query": "q", "limit": -5}, "limit"),
        ("/search", {"service": "s", "query": "q", "limit": "ten"}, "limit"),
        ("/search", {"service": "s", "query": "q", "queries": ["x"]}, "queries"),
        ("/search", [], "object"),
        ("/search", "{", "no JSON"),
        ("/search", '{"service":"s","query":"q","x":NaN}', "no JSON"),
        ("/search", '{"x":' * 40 + "1" + "}" * 40, "nested"),
        ("/search", '{"x":' * 300 + "1" + "}" * 300, "nested"),
        ("/score", {"service": "s", "query": "q"}, "passages"),
        ("/score", {"service": "s", "query": "q", "passages": [1]}, "passages[0]"),
        ("/fuse", {"service": "RRF", "query": "q"}, "scores"),
        ("/fuse", {"service": "RRF", "query": "q", "scores": [], "rrf_k": "x"}, "rrf_k"),
        ("/content", {"collection": "shelf"}, "id"),
        ("/pipeline", {"query": "q"}, "pipeline"),
        ("/pipeline", {"pipeline": "s", "query": "q", "runtime_kwargs": {"x": {}}}, "x"),
        (
            "/pipeline",
            {"pipeline": "s", "query": "q", "runtime_kwargs": {"s": {"queries": 1}}},
            "runtime_kwargs.s.queries",
        ),
        ("/pipeline", {"pipeline": "s >> s", "query": "q"}, "collection"),
        ("/search", {"requests": []}, "requests"),
        ("/search", {"requests": [{}] * 4}, "1 to 3"),
        ("/search", {"requests": [5]}, "requests[0]"),
    ],
)
def test_what_is_wrong_is_said_with_400(hall: Hall, path: str, body: Any, word: str) -> None:
    status, told = hall.post(path, body)
    assert status == 400, told
    assert word in told["error"]
    assert told["request_id"]


def test_a_faulty_pipeline_has_its_column(hall: Hall) -> None:
    status, told = hall.post("/pipeline", {"pipeline": "s%%", "query": "q"})
    assert (status, told["column"]) == (400, 3)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/nothing", {}, 404),
        ("GET", "/search", {}, 405),
        ("POST", "/avail", {}, 405),
        ("DELETE", "/search", {}, 405),
        ("POST", "/search", {"content-type": "text/plain"}, 415),
        ("POST", "/search", {}, 415),
        ("POST", "/search", {"content-type": JSON, "x-request-timeout": "soon"}, 400),
        ("POST", "/search", {"content-type": JSON, "x-request-timeout": "nan"}, 400),
        ("POST", "/search", {"content-type": JSON, "content-length": "3000"}, 413),
        ("POST", "/search", {"content-type": JSON, "content-length": "1000000000"}, 413),
        ("POST", "/search", {"content-type": JSON, "content-length": "10"}, 408),
    ],
)
def test_refusals_are_json_with_their_status(
    hall: Hall, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", hall.port, timeout=10)
    connection.putrequest(method, path)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == status
    assert set(json.loads(response.read())) >= {"error", "request_id"}
    connection.close()


def test_a_body_in_chunks_is_counted_as_it_comes(hall: Hall) -> None:
    with socket.create_connection(("127.0.0.1", hall.port), timeout=10) as wire:
        wire.sendall(
            b"POST /search HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            b"transfer-encoding: chunked\r\n\r\n" + b"bb8\r\n" + b" " * 3000 + b"\r\n"
        )
        assert wire.recv(100).startswith(b"HTTP/1.1 413 ")


def test_request_ids_are_echoed_if_they_are_plain(hall: Hall) -> None:
    for given, kept in [("abc-1.2:3", True), ("a b", False), ("x" * 65, False), ("é", False)]:
        echoed = hall.ask("GET", "/ping", headers={"x-request-id": given})[2]["x-request-id"]
        assert (echoed == given) is kept
        assert echoed.isascii()


def test_a_batch_has_an_answer_or_an_error_for_each(hall: Hall) -> None:
    body = {"service": "s", "limit": 1, "requests": [{"query": "a"}, {"query": 5}, {"query": "b"}]}
    status, told = hall.post("/search", body)
    assert status == 207
    first, second, third = told["responses"]
    assert (first["query"], third["query"]) == ("a", "b")
    assert list(first["scores"]) == ["d2"]
    assert (second["status"], "query" in second["error"]) == (400, True)
    assert second["request_id"].endswith(".1")
    body["requests"] = [{"query": "a"}, {"query": "b", "limit": 3}]
    status, told = hall.post("/search", body)
    assert status == 200
    assert [len(one["scores"]) for one in told["responses"]] == [1, 3]


def test_a_failing_engine_tells_the_log_and_not_the_client(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "racto.retrieval.server"):
        status, told = hall.post(
            "/search", {"service": "s", "query": "boom"}, x_request_id="trace-me"
        )
    assert status == 500
    assert "secret" not in told["error"]
    assert told["request_id"] == "trace-me"
    assert "secret" in caplog.text
    assert "trace-me" in caplog.text


def test_what_is_there_is_told(hall: Hall) -> None:
    status, told, _ = hall.ask("GET", "/avail")
    assert status == 200
    assert told["search"] == told["score"] == told["decompose_query"] == ["s"]
    assert told["fuse"] == ["RRF", "ScoreFusion"]
    assert told["content"] == ["shelf"]
    assert told["collection"] == {"shelf": {"views": {"text": "text"}, "default": "text"}}
    assert told["score_view_kinds"] == {"s": "text"}
    assert told["pipeline_aliases"] == {}
    assert "grpc_port" not in told
    assert hall.ask("GET", "/ping")[1] == {"status": "pong"}
    assert hall.ask("GET", "/ready")[:2] == (200, {"status": "ready"})


def test_the_document_describes_the_paths(hall: Hall) -> None:
    document = hall.ask("GET", "/openapi.json")[1]
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) >= {"/search", "/query", "/score", "/fuse", "/content"}
    assert document["paths"]["/query"]["post"]["deprecated"] is True
    page, headers = hall.ask("GET", "/docs")[1:]
    assert "POST /pipeline" in page
    assert "default-src 'none'" in headers["content-security-policy"]


def test_metrics_count_requests_and_batches(hall: Hall) -> None:
    hall.post("/search", {"service": "s", "query": "counted"})
    hall.ask("GET", "/made/up")
    text, headers = hall.ask("GET", "/metrics")[1:]
    assert headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
    assert int(samples['racto_http_requests_total{path="/search",status="200"}']) >= 1
    assert int(samples['racto_batcher_batches_total{service="s",role="search"}']) >= 1
    assert 'racto_http_requests_total{path="other",status="404"}' in samples
    buckets = [n for n in samples if n.startswith('racto_http_request_seconds_bucket{path="/sea')]
    assert samples[buckets[-1]] == samples['racto_http_request_seconds_count{path="/search"}'], (
        buckets
    )


def test_pages_of_named_origins_may_read(hall: Hall) -> None:
    status, _, headers = hall.ask("OPTIONS", "/search", headers={"origin": "https://a.example"})
    assert status == 204
    assert headers["access-control-allow-origin"] == "https://a.example"
    assert "Authorization" in headers["access-control-allow-headers"]
    status, _, headers = hall.ask("OPTIONS", "/search", headers={"origin": "https://b.example"})
    assert "access-control-allow-origin" not in headers
    assert headers["vary"] == "Origin"
    headers = hall.ask("GET", "/ping", headers={"origin": "https://a.example"})[2]
    assert headers["access-control-allow-origin"] == "https://a.example"


def test_keys_open_everything_but_ping() -> None:
    with Hall(keys=KeyRing(["first-key", "second-key"])) as hall:
        assert hall.ask("GET", "/ping")[0] == 200
        assert hall.ask("OPTIONS", "/search")[0] == 204
        for wrong in (None, "Bearer", "Bearer other-key", "Basic first-key", "Bearer sch\xfcssel"):
            status, told, headers = hall.ask(
                "GET", "/avail", headers={"authorization": wrong} if wrong else {}
            )
            assert (status, headers["www-authenticate"]) == (401, "Bearer"), wrong
            assert "first-key" not in told["error"]
        for right in ("Bearer first-key", "bearer second-key"):
            assert hall.ask("GET", "/avail", headers={"authorization": right})[0] == 200


def test_a_full_queue_says_when_to_come_again() -> None:
    with Hall(max_queue=1, batch_size=1) as hall:
        hall.engine.gate.clear()
        answers: list[int] = []
        threads = []
        for at in range(2):
            threads.append(_asking(hall, f"q{at}", answers))
            # One runs and one waits: each has its place before the next one comes.
            until(lambda want=at + 1: hall.search.stats.submitted == want)  # type: ignore[misc]
        until(lambda: hall.search.stats.running == 1 and hall.search.stats.waiting == 1)
        status, told, headers = hall.ask("POST", "/search", {"service": "s", "query": "late"})
        assert status == 429
        assert int(headers["retry-after"]) >= 1
        assert told["error"] == "too many requests wait"
        hall.engine.gate.set()
        for thread in threads:
            thread.join(20)
        assert answers == [200, 200]


def test_a_request_whose_time_is_over_is_answered_and_dropped() -> None:
    with Hall(batch_size=1) as hall:
        hall.engine.gate.clear()
        answers: list[int] = []
        thread = _asking(hall, "first", answers)
        until(lambda: hall.search.stats.running == 1)
        status, _ = hall.post(
            "/search", {"service": "s", "query": "second"}, x_request_timeout="0.05"
        )
        assert status == 504
        assert (hall.search.stats.abandoned, hall.search.stats.waiting) == (1, 0)
        hall.engine.gate.set()
        thread.join(20)
        assert answers == [200]
        assert hall.engine.seen == ["first"]


@pytest.mark.parametrize("protocol", ["httptools", "h11"])
def test_work_for_callers_who_hung_up_is_not_done(protocol: str) -> None:
    with Hall(batch_size=1, protocol=protocol) as hall:
        hall.engine.gate.clear()
        answers: list[int] = []
        thread = _asking(hall, "first", answers)
        until(lambda: hall.search.stats.running == 1)
        wires = [_sent(hall, f"gone {at}") for at in range(20)]
        until(lambda: hall.search.stats.waiting == 20)
        for wire in wires:
            wire.close()
        until(lambda: hall.search.stats.abandoned == 20)
        assert hall.search.stats.waiting == 0
        until(lambda: hall.application.metrics.active == 1)
        hall.engine.gate.set()
        thread.join(20)
        assert answers == [200]
        # Not one of the twenty reached the engine, and nothing is left of them.
        assert hall.engine.seen == ["first"]
        assert len(hall.search.batcher._known) == 0


def test_the_requests_of_a_batch_share_its_time() -> None:
    with Hall(batch_size=1) as hall:
        hall.engine.gate.clear()
        body = {"service": "s", "requests": [{"query": "a"}, {"query": "b"}, {"query": ""}]}
        status, told = hall.post("/search", body, x_request_timeout="0.05")
        assert status == 207
        assert [one["status"] for one in told["responses"]] == [504, 504, 504]
        assert hall.search.stats.waiting == 0
        assert hall.search.stats.abandoned == 2
        hall.engine.gate.set()


def test_services_are_replaced_without_losing_a_request() -> None:
    with Hall(batch_size=1) as hall:
        hall.engine.gate.clear()
        answers: list[int] = []
        old = hall.search
        threads = [_asking(hall, f"q{at}", answers) for at in range(3)]
        until(lambda: old.stats.submitted == 3)
        engine = Gated("next")
        new = BatchQueryProcessor(engine, cache_size=0)
        services = Services(registry_of(engine, new))
        loop = old.batcher._loop
        assert loop is not None
        loop.call_soon_threadsafe(hall.application.replace, services)
        until(lambda: hall.application.services is services)
        assert hall.post("/search", {"service": "s", "query": "new"})[0] == 200
        assert engine.seen == ["new"]
        hall.engine.gate.set()
        for thread in threads:
            thread.join(20)
        assert answers == [200, 200, 200]
        until(lambda: old.batcher._closing)


def test_a_server_that_drains_is_not_ready_and_still_answers() -> None:
    with Hall() as hall:
        hall.application.drain()
        assert hall.ask("GET", "/ready")[0] == 503
        assert hall.post("/search", {"service": "s", "query": "q"})[0] == 200


def test_the_journal_has_a_line_a_request_and_no_query(caplog: pytest.LogCaptureFixture) -> None:
    lines: dict[bool, dict[str, Any]] = {}
    for asked in (False, True):
        caplog.clear()
        with (
            caplog.at_level(logging.INFO, "racto.retrieval.server.access"),
            Hall(ServerSettings(log_queries=asked)) as hall,
        ):
            hall.post("/search", {"service": "s", "query": "private"})
        (message,) = [r.getMessage() for r in caplog.records if "access" in r.name]
        lines[asked] = json.loads(message)
    assert lines[False]["status"] == 200
    assert lines[False]["service"] == "s"
    assert lines[False]["path"] == "/search"
    assert "query" not in lines[False]
    assert lines[True]["query"] == "private"


def _asking(hall: Hall, query: str, answers: list[int]) -> threading.Thread:
    def ask() -> None:
        answers.append(hall.post("/search", {"service": "s", "query": query})[0])

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


def _sent(hall: Hall, query: str) -> socket.socket:
    body = json.dumps({"service": "s", "query": query}).encode()
    wire = socket.create_connection(("127.0.0.1", hall.port), timeout=10)
    wire.sendall(
        b"POST /search HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n\r\n%s" % (len(body), body)
    )
    return wire
