"""What is recorded once is replayed for ever, without the network and without the keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from racto.core import ConfigurationError
from racto.testing import OpenAIServer, Reply
from racto.testing.cassettes import CassetteServer
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


def test_an_api_that_cannot_be_reached_fails_the_test(place: Path) -> None:
    server = CassetteServer(place, upstream="http://127.0.0.1:9")
    with pytest.raises(openai.InternalServerError):
        ask(server)
    with pytest.raises(Exception, match=r"refused|failed"):
        server.close()
