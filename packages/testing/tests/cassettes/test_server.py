"""What is recorded once is replayed for ever, without the network and without the keys."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
import pytest
from google import genai
from google.genai import types

from racto.core import ConfigurationError
from racto.testing import Conduct, GeminiServer, OpenAIServer, Reply
from racto.testing.cassettes import CassetteServer, Tape
from racto.testing.cassettes.scrubbing import CUT

KEY = "sk-the-real-key-0123456789abcdef"


@pytest.fixture
def real() -> Iterator[OpenAIServer]:
    with OpenAIServer(key=KEY) as server:
        yield server


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "one.json"


def client(server: CassetteServer, key: str = "nothing") -> openai.OpenAI:
    return openai.OpenAI(base_url=server.url, api_key=key, max_retries=0)


def ask(server: CassetteServer, words: str = "hi", key: str = "nothing", **more: Any) -> str | None:
    with client(server, key) as sdk:
        reply = sdk.chat.completions.create(
            model="m", messages=[{"role": "user", "content": words}], **more
        )
        content: str | None = reply.choices[0].message.content
        return content


def streamed(server: CassetteServer, key: str = "nothing") -> list[str]:
    with client(server, key) as sdk:
        stream = sdk.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "hi"}], stream=True
        )
        return [c.choices[0].delta.content or "" for c in stream if c.choices]


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """An API that is none of ours."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def hang_on(url: str) -> None:
    with pytest.raises(httpx2.TransportError):
        httpx2.get(f"{url}/x", timeout=30)


def test_the_second_run_needs_no_provider(real: OpenAIServer, place: Path) -> None:
    real.add(Reply(text="one"), Reply(text="two"), Reply(text=["thr", "ee"]))
    with CassetteServer(place, upstream=real.url) as server:
        assert server.is_recording
        said = [ask(server, key=KEY), ask(server, key=KEY), streamed(server, KEY)]
    asked = len(real.requests)
    with CassetteServer(place, upstream=real.url) as server:
        assert not server.is_recording
        assert [ask(server), ask(server), streamed(server)] == said
    assert said[:2] == ["one", "two"]
    assert len(real.requests) == asked


def test_the_file_holds_no_key(real: OpenAIServer, place: Path) -> None:
    with CassetteServer(place, upstream=real.url, secrets=["tenant-7"]) as server:
        ask(server, f"my key is {KEY} of tenant-7", key=KEY)
    kept = place.read_text()
    assert KEY not in kept
    assert "tenant-7" not in kept
    assert f"my key is {CUT} of {CUT}" in kept
    with CassetteServer(place, secrets=["tenant-7"]) as server:
        assert ask(server, f"my key is {KEY} of tenant-7") == "ok"


def test_errors_are_recorded_too(real: OpenAIServer, place: Path) -> None:
    real.fail("rate_limited", retry_after=7)
    with CassetteServer(place, upstream=real.url) as server, pytest.raises(openai.RateLimitError):
        ask(server, key=KEY)
    with CassetteServer(place) as server, pytest.raises(openai.RateLimitError) as caught:
        ask(server)
    assert caught.value.response.headers["retry-after"] == "7"


def test_another_question_is_no_silent_match(real: OpenAIServer, place: Path) -> None:
    with CassetteServer(place, upstream=real.url) as server:
        ask(server, "hi", key=KEY)
    server = CassetteServer(place)
    with pytest.raises(openai.InternalServerError, match="no unused answer"):
        ask(server, "ho")
    with pytest.raises(AssertionError, match=r'was asked .*"hi"'):
        server.close()


def test_each_recording_is_given_once(real: OpenAIServer, place: Path) -> None:
    with CassetteServer(place, upstream=real.url) as server:
        ask(server, key=KEY)
    server = CassetteServer(place)
    ask(server)
    with pytest.raises(openai.InternalServerError):
        ask(server)
    with pytest.raises(AssertionError, match="record again"):
        server.close()


def test_fields_that_change_can_be_ignored(real: OpenAIServer, place: Path) -> None:
    with CassetteServer(place, upstream=real.url) as server:
        ask(server, key=KEY, metadata={"run": "1", "kind": "x"}, store=True)
    with CassetteServer(place, ignoring=["metadata.run", "messages.name"]) as server:
        assert ask(server, metadata={"run": "2", "kind": "x"}, store=True) == "ok"


def test_uploads_match_although_their_boundary_is_new(real: OpenAIServer, place: Path) -> None:
    def upload(server: CassetteServer, key: str = "nothing") -> str:
        with client(server, key) as sdk:
            return sdk.files.create(file=("x.jsonl", b"{}\n"), purpose="user_data").id

    with CassetteServer(place, upstream=real.url) as server:
        made = upload(server, KEY)
    with CassetteServer(place) as server:
        assert upload(server) == made


def test_the_environment_decides(
    real: OpenAIServer, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RACTO_CASSETTES", "replay")
    with pytest.raises(ConfigurationError, match="no recording"):
        CassetteServer(place, upstream=real.url)
    monkeypatch.setenv("RACTO_CASSETTES", "sometimes")
    with pytest.raises(ConfigurationError, match="auto, replay or record"):
        CassetteServer(place, upstream=real.url)


def test_recording_needs_an_api(place: Path) -> None:
    with pytest.raises(ConfigurationError, match="upstream="):
        CassetteServer(place)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 1}', '{"format": 1, "exchanges": [3]}']
)
def test_a_file_that_is_no_recording_is_refused(place: Path, text: str) -> None:
    place.parent.mkdir()
    place.write_text(text)
    with pytest.raises(ConfigurationError, match="is not a recording"):
        CassetteServer(place)


def test_a_recording_of_another_format_is_refused(place: Path) -> None:
    place.parent.mkdir()
    place.write_text(json.dumps({"format": 99, "exchanges": []}))
    with pytest.raises(ConfigurationError, match="format 99"):
        CassetteServer(place)


def test_an_api_that_cannot_be_reached_fails_the_test_by_its_name(place: Path) -> None:
    server = CassetteServer(place, upstream="http://127.0.0.1:9")
    with pytest.raises(openai.InternalServerError):
        ask(server)
    with pytest.raises(ConfigurationError, match=r"127\.0\.0\.1:9 gave no answer to POST /chat"):
        server.close()
    server.close()
    assert not place.exists()


def test_an_answer_that_breaks_off_is_not_kept(real: OpenAIServer, place: Path) -> None:
    real.say("hello", conduct=Conduct(cut_after=5))
    server = CassetteServer(place, upstream=real.url)
    with pytest.raises(openai.InternalServerError):
        ask(server, key=KEY)
    with pytest.raises(ConfigurationError, match=real.url):
        server.close()
    assert not place.exists()


def test_a_block_that_fails_leaves_the_old_recording(real: OpenAIServer, place: Path) -> None:
    with CassetteServer(place, upstream=real.url) as server:
        ask(server, key=KEY)
    old = place.read_bytes()
    with suppress(KeyError), CassetteServer(place, upstream=real.url, mode="record") as server:
        ask(server, "another", key=KEY)
        raise KeyError
    with CassetteServer(place, upstream=real.url, mode="record"):
        assert place.read_bytes() == old
    assert place.read_bytes() == old


async def test_an_async_block_that_fails_keeps_nothing(real: OpenAIServer, place: Path) -> None:
    with suppress(KeyError):
        async with CassetteServer(place, upstream=real.url) as server:
            await asyncio.to_thread(ask, server, key=KEY)
            raise KeyError
    assert not await asyncio.to_thread(place.exists)


async def test_questions_are_recorded_side_by_side_in_their_order(place: Path) -> None:
    number = 4
    together = threading.Barrier(number, timeout=20)

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # Nobody is answered before all have asked.
            together.wait()
            body = json.dumps({"path": self.path}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *told: object) -> None:
            """Say nothing."""

    with served(Slow) as url:
        async with CassetteServer(place, upstream=url) as server, httpx2.AsyncClient() as sdk:
            asked = (sdk.get(f"{server.url}/{n}") for n in range(number))
            told = [answer.json() for answer in await asyncio.gather(*asked)]
            came = [request.path for request in server.requests]
    assert told == [{"path": f"/{n}"} for n in range(number)]
    assert [exchange.path for exchange in Tape(place).read()] == came


def test_closing_ends_what_the_api_does_not_answer(place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = CassetteServer(place, upstream=f"http://127.0.0.1:{silent.getsockname()[1]}")
        asking = threading.Thread(target=hang_on, args=(server.url,))
        asking.start()
        accepted, _ = silent.accept()
        # Without an answer or an error of its own, closing would wait for ten minutes.
        server.close()
        asking.join()
        accepted.close()
    assert not place.exists()


def test_queries_and_escapes_reach_the_api_as_they_are(place: Path) -> None:
    seen: list[str] = []

    class Heard(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *told: object) -> None:
            """Say nothing."""

    targets = ["/r?in[]=a&in[]=b", "/models/org%2Fname%3Fx", "/x?q=a%2Bb+c"]
    with served(Heard) as url, CassetteServer(place, upstream=f"{url}/v1") as server:
        for target in targets:
            httpx2.get(server.url + target)
    assert seen == [f"/v1{target}" for target in targets]
    with CassetteServer(place) as server:
        assert [httpx2.get(server.url + target).json() for target in targets] == [{}, {}, {}]
    other = CassetteServer(place)
    httpx2.get(other.url + "/r?in[]=zzz&in[]=b")
    with pytest.raises(AssertionError, match=r'was asked \{"in\[\]": \["a", "b"\]\}'):
        other.close()


def test_a_secret_split_over_events_is_not_written(real: OpenAIServer, place: Path) -> None:
    real.say([f"it is {KEY[:12]}", KEY[12:], " so"])
    server = CassetteServer(place, upstream=real.url)
    with pytest.raises(openai.InternalServerError):
        streamed(server, KEY)
    with pytest.raises(AssertionError, match="split over events"):
        server.close()
    assert not place.exists()


def test_a_recording_cannot_be_scripted(real: OpenAIServer, place: Path) -> None:
    with CassetteServer(place, upstream=real.url) as server:
        with pytest.raises(ConfigurationError, match="its recording alone"):
            server.say("x")
        with pytest.raises(ConfigurationError, match="its recording alone"):
            server.fail()
        with pytest.raises(ConfigurationError, match="its recording alone"):
            server.when(lambda request: None)
        with pytest.raises(ConfigurationError, match="its recording alone"):
            server.default = Reply(text="x")


def test_recordings_that_nobody_asked_for_can_be_noticed(real: OpenAIServer, place: Path) -> None:
    with CassetteServer(place, upstream=real.url) as server:
        ask(server, key=KEY)
        server.assert_all_used()
    with CassetteServer(place) as server:
        with pytest.raises(AssertionError, match=r"1 recordings .*POST /chat/completions"):
            server.assert_all_used()
        ask(server)
        server.assert_all_used()


def resumable(server: CassetteServer) -> str | None:
    options = types.HttpOptions(base_url=server.url, api_version="v1beta")
    with genai.Client(api_key="test-key", http_options=options) as sdk:
        held = io.BytesIO(b"hello")
        return sdk.files.upload(file=held, config={"mime_type": "text/plain"}).name


def test_a_resumable_upload_is_recorded_too(place: Path) -> None:
    with GeminiServer() as gemini:
        host = f"http://{urlsplit(gemini.url).netloc}"
        with CassetteServer(place, upstream=host) as server:
            made = resumable(server)
            assert len(server.requests) == len(gemini.requests) == 2
    with CassetteServer(place) as server:
        assert resumable(server) == made
        server.assert_all_used()


def test_an_upload_that_would_go_past_the_recording_is_refused(place: Path) -> None:
    with GeminiServer() as gemini:
        host = f"http://{urlsplit(gemini.url).netloc}"
        server = CassetteServer(place, upstream=f"{host}/v1beta")
        httpx2.post(
            f"{server.url}/upload/v1beta/files",
            headers={
                "x-goog-api-key": "test-key",
                "x-goog-upload-protocol": "resumable",
                "x-goog-upload-command": "start",
            },
            json={"file": {}},
        )
        with pytest.raises(ConfigurationError, match="host without a path"):
            server.close()
    assert not place.exists()
